//! An EVM inside the process. The only module that names `revm`.
