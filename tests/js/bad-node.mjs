// A client written with ethers.js behind a bad node: ten accounts send one transfer each, over HTTP and WebSocket in turn.
// usage: bad-node.mjs HTTP_URL WS_URL; prints how many were accepted and how many are in blocks.
import { HDNodeWallet, JsonRpcProvider, Mnemonic, WebSocketProvider } from "ethers";

const [, , httpUrl, wsUrl] = process.argv;
const mnemonic = Mnemonic.fromPhrase("test test test test test test test test test test test junk");
const http = new JsonRpcProvider(httpUrl, undefined, { batchMaxCount: 1 });
const ws = new WebSocketProvider(wsUrl);
const { chainId } = await http.getNetwork();

const hashes = [];
for (let index = 0; index < 10; index++) {
  const wallet = HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`);
  const signed = await wallet.signTransaction({
    type: 2,
    chainId,
    nonce: 0,
    to: wallet.address,
    value: 1n,
    gasLimit: 21_000n,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
  });
  const provider = index % 2 === 0 ? http : ws;
  hashes.push(await provider.send("eth_sendRawTransaction", [signed]));
}

// Three blocks hold whatever the node has.
const begin = await http.getBlockNumber();
while ((await http.getBlockNumber()) < begin + 3) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const receipts = await Promise.all(hashes.map((hash) => http.getTransactionReceipt(hash)));
console.log(JSON.stringify({
  accepted: new Set(hashes).size,
  included: receipts.filter((receipt) => receipt !== null).length,
}));
await ws.destroy();
http.destroy();
