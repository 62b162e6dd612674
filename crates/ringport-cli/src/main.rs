//! The `ringport` tool.

fn main() {}
