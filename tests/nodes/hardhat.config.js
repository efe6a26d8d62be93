// A node with blocks of one second, and its account 0 with the money.
import { defineConfig } from "hardhat/config";

export default defineConfig({
  networks: {
    node: {
      type: "edr-simulated",
      chainType: "l1",
      chainId: 31337,
      hardfork: "prague",
      mining: { auto: false, interval: 1000 },
      loggingEnabled: false,
    },
  },
});
