use xmpp_ws::{limits::XmlLimits, xml::Scanner};
fn main() {
    let elements = xmpp_ws_tests::corpus::elements();
    let mut s = Scanner::new();
    let l = XmlLimits::default();
    let n: usize = std::env::args().nth(1).map_or(200, |n| n.parse().unwrap());
    let mut k = 0;
    for _ in 0..n { for e in &elements { k += usize::from(s.scan(e, &l).is_ok()); } }
    println!("{k}");
}
