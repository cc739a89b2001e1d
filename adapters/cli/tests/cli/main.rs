//! The program as it is run: its arguments, its input and output, its exit status.

// Said here, too, so that clippy takes the helpers for what they are.
#![cfg(test)]

mod backpressure;
mod check;
mod connect;
mod connections;
mod conversation;
mod cuts;
mod demo;
mod discovering;
mod endings;
mod linger;
mod peer;
mod process;
mod raw;
mod resume;
mod serve;
mod signals;
mod strangers;
mod tls;
mod web;
