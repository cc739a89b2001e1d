#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| xmpp_ws_tests::fuzz::discovery(input));
