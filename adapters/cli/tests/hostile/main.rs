//! `xmpp-ws serve` under bad input: each violation ends its own stream, with the right condition, and harms nobody
//! else.
//!
//! The clients here write their frames by hand, so that headers can lie. While they attack, a pair of users goes on
//! exchanging messages, and the server's memory, processor time and open files are measured. Each test prints a table
//! of what it saw; `cargo test --test hostile -- --nocapture` shows it.
//!
//! | environment variable | |
//! |---|---|
//! | `XMPP_WS_BINARY` | the program to attack, such as one of a release build; default: that of this build |
//! | `XMPP_WS_HOSTILE_TABLE` | a file that the table of all tests is written to, as README.md shows it |
//! | `HOSTILE_SECONDS`, `HOSTILE_SEED` | how long random clients talk, and with which seed; default: 10, 1 |

// The measures are Linux's.
#![cfg(target_os = "linux")]

mod certificate;
mod deaf;
mod files;
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
mod stream;
mod table;
mod tls;
mod trials;
mod upgrades;
mod web;
mod wire;
