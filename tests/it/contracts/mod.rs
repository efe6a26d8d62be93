//! Tests of the reference contracts on an in-process EVM.
