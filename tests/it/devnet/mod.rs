//! `taskstorm devnet`, as its users meet it: the command, its files, and clients written with ethers.js.

mod clients;
mod ending;
mod process;
mod refusals;
