//! How often scanning and writing allocate: a scan never, once the scanner has seen as much before.

use allocation_counter::measure;
use bytes::BytesMut;
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::ns;
use xmpp_ws::xml::{Scanner, Writer};
use xmpp_ws_tests::corpus;

#[test]
fn a_scan_allocates_nothing() {
    let mut elements: Vec<String> = corpus::SAMPLES.iter().copied().map(str::to_owned).collect();
    elements.extend(corpus::elements());
    let attributes: Vec<_> = (0..100).map(|number| format!(" a{number}=''")).collect();
    elements.push(["<a", &attributes.concat(), "/>"].concat());
    elements.push("<a xmlns='&#117;' xmlns:p='&#118;' xmlns:q='w' p:b='' q:b=''/>".to_owned());
    elements.push("<a>&broken</a>".to_owned());
    let limits = XmlLimits::default();
    let mut scanner = Scanner::new();
    let mut scan_all = || {
        for element in &elements {
            if let Ok(root) = scanner.scan(element, &limits) {
                assert!(root.attributes().all(|attribute| !attribute.local_name().is_empty()));
                assert!(root.namespace().len() < 100);
            }
        }
    };
    scan_all();
    let counted = measure(scan_all);
    assert_eq!(counted.count_total, 0, "{counted:?}");
    eprintln!("{} scans, {} allocations", elements.len(), counted.count_total);
}

#[test]
fn writing_into_a_buffer_that_is_free_allocates_nothing() {
    let mut buffer = BytesMut::with_capacity(4096);
    let mut write = || {
        let written = Writer::with_buffer(&mut buffer)
            .start("message", ns::CLIENT)
            .attribute("to", "romeo@example.net")
            .attribute("id", "it's")
            .start("body", ns::CLIENT)
            .text("Art thou not Romeo, & a Montague?")
            .finish();
        assert!(written.is_ok());
    };
    write();
    let counted = measure(|| (0..1000).for_each(|_| write()));
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn writing_what_is_kept_allocates_less_than_once_a_time() {
    let mut buffer = BytesMut::with_capacity(4096);
    let mut kept = Vec::with_capacity(1000);
    let counted = measure(|| {
        for _ in 0..1000 {
            let written = Writer::with_buffer(&mut buffer)
                .start("message", ns::CLIENT)
                .text("Art thou not Romeo, & a Montague?")
                .finish();
            kept.extend(written);
        }
    });
    assert_eq!(kept.len(), 1000);
    assert!(counted.count_total < 1000, "{counted:?}");
}
