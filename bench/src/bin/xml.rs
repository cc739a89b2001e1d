//! Prints how long the scanner and other parsers take: `xml [PART-OF-A-NAME]`.

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    print!("{}", xmpp_ws_bench::scanning::table(&only));
}
