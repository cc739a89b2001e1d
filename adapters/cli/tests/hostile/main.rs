//! `xmpp-ws serve` under bad input: each violation ends its own stream, with the right condition, and harms nobody
//! else.
//!
//! The clients here write their frames by hand, so that headers can lie. While they attack, a pair of users goes on
//! exchanging messages, and the server's memory, processor time and open files are measured. Each test prints a table
//! of what it saw; `cargo test --test hostile -- --nocapture` shows it.

// The measures are Linux's.
#![cfg(target_os = "linux")]

mod deaf;
mod floods;
mod frames;
mod identities;
mod login;
mod memory;
mod pair;
mod process;
mod random;
mod server;
mod silence;
mod sizes;
mod trials;
mod upgrades;
mod wire;
