//! A crate that has nothing but a test.
