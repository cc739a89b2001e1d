//! libexpat with namespaces, as XMPP servers use it.

use std::ffi::{c_char, c_int, c_void};

/// Whether libexpat takes the text.
pub fn parse(text: &str) -> bool {
    let length = c_int::try_from(text.len()).expect("texts are short");
    // SAFETY: the parser is made, used for one text that outlives the call, and freed, all here.
    unsafe {
        let parser = XML_ParserCreateNS(c"UTF-8".as_ptr(), b'|' as c_char);
        XML_SetElementHandler(parser, start, end);
        XML_SetCharacterDataHandler(parser, characters);
        let status = XML_Parse(parser, text.as_ptr().cast(), length, 1);
        XML_ParserFree(parser);
        status == 1
    }
}

extern "C" fn start(_: *mut c_void, name: *const c_char, _: *const *const c_char) {
    std::hint::black_box(name);
}

extern "C" fn end(_: *mut c_void, name: *const c_char) {
    std::hint::black_box(name);
}

extern "C" fn characters(_: *mut c_void, text: *const c_char, _: c_int) {
    std::hint::black_box(text);
}

type Start = extern "C" fn(*mut c_void, *const c_char, *const *const c_char);
type End = extern "C" fn(*mut c_void, *const c_char);
type Characters = extern "C" fn(*mut c_void, *const c_char, c_int);

#[link(name = "expat")]
unsafe extern "C" {
    fn XML_ParserCreateNS(encoding: *const c_char, separator: c_char) -> *mut c_void;
    fn XML_SetElementHandler(parser: *mut c_void, start: Start, end: End);
    fn XML_SetCharacterDataHandler(parser: *mut c_void, characters: Characters);
    fn XML_Parse(parser: *mut c_void, text: *const c_char, length: c_int, last: c_int) -> c_int;
    fn XML_ParserFree(parser: *mut c_void);
}
