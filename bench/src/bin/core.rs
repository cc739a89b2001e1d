//! Prints how long the whole core takes for a stanza, and what share of that is the scan.

fn main() {
    print!("{}", xmpp_ws_bench::core::table());
}
