use bytestring::ByteString;
use xmpp_ws::error::Violation;
use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::tolerance::Tolerance;

/// One message: it is judged, always the same, with a fault inside of the text, and what was taken is taken again.
pub fn frame(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let text = ByteString::from(text);
    let mut strict = Decoder::new(XmlLimits::default(), Tolerance::strict());
    let mut tolerant = Decoder::new(XmlLimits::default(), Tolerance::default());
    let strictly = strict.decode(&text);
    let judged = tolerant.decode(&text);
    assert_eq!(judged, tolerant.decode(&text), "what was decoded before matters");
    if let Ok(frame) = &strictly {
        assert_eq!(judged.as_ref(), Ok(frame), "tolerance refuses or changes what is right");
    }
    match &judged {
        Err(Violation::Xml(fault)) => {
            assert!(text.is_char_boundary(fault.offset), "{fault} is inside of a character");
            assert!(strictly.is_err());
        }
        Err(_) => assert!(strictly.is_err()),
        Ok(frame) => again(&mut tolerant, frame),
    }
}

/// What was cut out of the message stands for itself.
fn again(decoder: &mut Decoder, frame: &Frame) {
    let xml = match frame {
        Frame::Stanza(stanza) => {
            let _ = (stanza.id(), stanza.to(), stanza.from(), stanza.language(), stanza.error());
            let from = "a@b/c".parse().expect("an address");
            let relayed = stanza.relayed(&from, Some("de"));
            let relayed_frame = Decoder::new(XmlLimits::default(), Tolerance::strict())
                .decode(&relayed)
                .unwrap_or_else(|fault| panic!("{fault} in {relayed}"));
            let Frame::Stanza(copy) = relayed_frame else { panic!("{relayed} is no stanza") };
            assert_eq!(copy.from().as_deref(), Some("a@b/c"));
            assert_eq!(
                (copy.kind(), copy.id(), copy.to()),
                (stanza.kind(), stanza.id(), stanza.to())
            );
            assert_eq!(copy.type_attribute(), stanza.type_attribute());
            stanza.xml()
        }
        Frame::Nonza(nonza) | Frame::Features(nonza) => {
            let _ = nonza.is_addressed();
            nonza.xml()
        }
        Frame::Open(_) | Frame::Close(_) | Frame::Error(_) | Frame::ErrorAndClose(..) => return,
    };
    assert_eq!(decoder.decode(xml).as_ref(), Ok(frame));
}
