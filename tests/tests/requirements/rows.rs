//! What is asked for, one row each.

mod around;

/// A row of what RFC 7395 asks for, and of what other standards add to it.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    /// Which files obey it, each with the section that it cites there.
    pub(crate) obeyed: &'static [(&'static str, &'static str)],
    /// Tests in other files than those whose tests are named after their rows.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
}

/// A row that the core holds to.
const fn core(
    id: &'static str,
    who: &'static str,
    what: &'static str,
    obeyed: &'static [(&'static str, &'static str)],
) -> Row {
    Row { id, who, what, obeyed, elsewhere: &[] }
}

const CLIENT: &str = "client";
const SERVER: &str = "server";
const BOTH: &str = "both";

/// Every row, in the order of the document.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    STREAM.iter().chain(around::ROWS)
}

/// The upgrade and the stream: RFC 7395 § 3.
const STREAM: &[Row] = &[
    Row {
        id: "3.1-a",
        who: CLIENT,
        what: "The upgrade offers the subprotocol `xmpp`.",
        obeyed: &[("RFC 7395 § 3.1", "adapters/tungstenite/src/client.rs")],
        elsewhere: &[("tokio/refused.rs", "a_client_refuses_a_server_that_does_not_agree_on_xmpp")],
    },
    Row {
        id: "3.1-b",
        who: SERVER,
        what: "The answer selects `xmpp` out of whatever was offered; without it the upgrade is refused.",
        obeyed: &[
            ("RFC 7395 § 3.1", "adapters/tungstenite/src/server.rs"),
            ("RFC 6455 § 11.3.4", "adapters/tungstenite/src/subprotocol.rs"),
        ],
        elsewhere: &[("tokio/refused.rs", "a_server_refuses_whoever_does_not_offer_xmpp")],
    },
    Row {
        id: "3.1-c",
        who: CLIENT,
        what: "Where the answer selects anything else, or nothing, the WebSocket is closed.",
        obeyed: &[("RFC 7395 § 3.1", "adapters/tungstenite/src/client.rs")],
        elsewhere: &[("tokio/refused.rs", "a_client_refuses_a_server_that_does_not_agree_on_xmpp")],
    },
    core(
        "3.2-a",
        BOTH,
        "Text messages in UTF-8 only; anything else ends the stream.",
        &[
            ("RFC 7395 § 3.2", "core/src/stream/receiving.rs"),
            ("RFC 7395 § 3.2", "core/src/error.rs"),
        ],
    ),
    core(
        "3.3.1-a",
        BOTH,
        "`<open/>` starts the stream and `<close/>` ends it; attributes that neither needs are ignored.",
        &[("RFC 7395 § 3.3.1", "core/src/frame.rs")],
    ),
    core(
        "3.3.2-a",
        BOTH,
        "Both are told by the framing namespace, not by a prefix; where a header is due, another namespace is refused.",
        &[("RFC 7395 § 3.3.2", "core/src/stream/half.rs"), ("RFC 7395 § 3.3.2", "core/src/ns.rs")],
    ),
    core(
        "3.3.3-a",
        BOTH,
        "A message is one complete element with all its declarations.",
        &[("RFC 7395 § 3.3.3", "core/src/xml/scan.rs")],
    ),
    core(
        "3.3.3-b",
        BOTH,
        "Its first character is `<`.",
        &[("RFC 7395 § 3.3.3", "core/src/xml/fault.rs")],
    ),
    core(
        "3.3.3-c",
        BOTH,
        "An XML declaration is never sent; a received one is tolerated.",
        &[
            ("RFC 7395 § 3.3.3", "core/src/tolerance.rs"),
            ("RFC 7395 § 3.3.3", "core/src/outgoing.rs"),
            ("RFC 6120 § 11.6", "core/src/xml/declaration.rs"),
        ],
    ),
    core(
        "3.3.3-d",
        BOTH,
        "Features and errors declare their own prefix; the receiver goes by namespace.",
        &[
            ("RFC 7395 § 3.3.3", "core/src/server/login.rs"),
            ("RFC 7395 § 3.3.3", "core/src/stream_error.rs"),
            ("RFC 7395 § 3.3.3", "core/src/frame.rs"),
        ],
    ),
    core(
        "3.3.3-e",
        BOTH,
        "A stanza carries its namespace itself.",
        &[("RFC 7395 § 3.3.3", "core/src/outgoing.rs")],
    ),
    core(
        "3.3.3-f",
        BOTH,
        "Text for people has its language; a server adds the stream's to a stanza without one, and changes none.",
        &[
            ("RFC 6120 § 8.1.5", "core/src/stanza.rs"),
            ("RFC 6120 § 4.7.4", "core/src/server/login.rs"),
        ],
    ),
    core(
        "6120-4.8",
        BOTH,
        "Stanzas go out without a prefix and are taken by their namespace, of which there is one.",
        &[
            ("RFC 6120 § 4.8.5", "core/src/outgoing.rs"),
            ("RFC 6120 § 4.8.5", "core/src/frame.rs"),
            ("RFC 6120 § 4.8.2", "core/src/frame.rs"),
        ],
    ),
    core(
        "6120-11.5",
        BOTH,
        "`standalone` is never sent and changes nothing.",
        &[("RFC 6120 § 11.5", "core/src/xml.rs")],
    ),
    core(
        "6120-11",
        BOTH,
        "No comment, processing instruction, DTD or entity but the five; everything is well-formed.",
        &[
            ("RFC 6120 § 11.1", "core/src/xml/scan.rs"),
            ("RFC 6120 § 11.1", "core/src/xml/references.rs"),
        ],
    ),
    Row {
        id: "6455-4.1",
        who: CLIENT,
        what: "The answer is one to this request, each of its headers is right, and it uses no extension, for none is offered.",
        obeyed: &[("RFC 6455 § 4.1", "adapters/tungstenite/src/client.rs")],
        elsewhere: &[("handshakes.rs", "a_client_validates_each_header_of_the_answer")],
    },
    Row {
        id: "6455-4.2.1",
        who: SERVER,
        what: "A request for a WebSocket is known by what its lists contain, in one line or in many.",
        obeyed: &[("RFC 6455 § 4.2.1", "adapters/tungstenite/src/server.rs")],
        elsewhere: &[("handshakes.rs", "a_server_knows_a_request_by_what_its_lists_contain")],
    },
    Row {
        id: "6455-5.4",
        who: BOTH,
        what: "A message may come in any number of fragments, with control frames between them.",
        obeyed: &[("RFC 6455 § 5.4", "adapters/tungstenite/src/codec.rs")],
        elsewhere: &[
            ("tokio/faults.rs", "a_message_in_fragments_arrives_whole_and_what_came_between_too"),
            ("tokio/faults.rs", "a_message_in_fragments_is_held_by_the_same_limit"),
        ],
    },
    core(
        "3.4-a",
        CLIENT,
        "Its first message is `<open/>` with `to`, `version` and `xml:lang`; who asks is told over TLS only.",
        &[
            ("RFC 7395 § 3.4", "core/src/client/login.rs"),
            ("RFC 6120 § 4.7.1", "core/src/client/login.rs"),
        ],
    ),
    core(
        "3.4-b",
        SERVER,
        "It answers with `<open/>` of its own, then the features; or with `<close/>`.",
        &[
            ("RFC 7395 § 3.4", "core/src/server/login.rs"),
            ("RFC 6120 § 4.7.3", "core/src/random.rs"),
        ],
    ),
    core(
        "3.4-c",
        SERVER,
        "What comes before `<open/>` is an error, told after an `<open/>` of the server's own.",
        &[
            ("RFC 7395 § 3.3.2", "core/src/stream/half.rs"),
            ("RFC 7395 § 3.5", "core/src/stream/closing.rs"),
        ],
    ),
    core(
        "3.4-d",
        CLIENT,
        "Another `from` in the answer ends the stream, but an error that follows is heard first.",
        &[("RFC 6120 § 4.7.1", "core/src/client/login.rs")],
    ),
    core(
        "3.4-e",
        BOTH,
        "One stream a WebSocket; a second `<open/>` only as the restart.",
        &[("RFC 7395 § 3.4", "core/src/server/login.rs"), ("RFC 7395 § 3.4", "core/src/error.rs")],
    ),
    core(
        "3.4-f",
        SERVER,
        "The header has the language, the client's address if it gave one, and the lower version; an unknown host and an old version are refused.",
        &[
            ("RFC 6120 § 4.7.4", "core/src/server/login.rs"),
            ("RFC 6120 § 4.7.2", "core/src/server/login.rs"),
            ("RFC 6120 § 4.7.5", "core/src/server/login.rs"),
        ],
    ),
    core(
        "3.5-a",
        BOTH,
        "A stream error is a message of its own, then `<close/>`, then the WebSocket's close.",
        &[("RFC 7395 § 3.5", "core/src/stream/closing.rs")],
    ),
    core(
        "3.5-b",
        SERVER,
        "While the stream opens: `<open/>`, the error, `<close/>`.",
        &[
            ("RFC 7395 § 3.5", "core/src/stream/closing.rs"),
            ("RFC 7395 § 3.5", "core/src/stream.rs"),
        ],
    ),
    core(
        "3.5-c",
        BOTH,
        "A received error is answered with `<close/>`; an unknown condition is carried by its name.",
        &[
            ("RFC 6120 § 4.9.1.1", "core/src/stream/closing.rs"),
            ("RFC 6120 § 4.9.2", "core/src/stream_error.rs"),
        ],
    ),
    core(
        "3.6-a",
        BOTH,
        "Who closes says `<close/>`, sends nothing more, and still takes what comes.",
        &[
            ("RFC 7395 § 3.6", "core/src/stream.rs"),
            ("RFC 7395 § 3.6", "core/src/stream/closing.rs"),
        ],
    ),
    core(
        "3.6-b",
        BOTH,
        "`<close/>` is answered with `<close/>`; who closed first closes the WebSocket.",
        &[("RFC 7395 § 3.6", "core/src/stream/closing.rs")],
    ),
    core(
        "3.6-c",
        BOTH,
        "Without an answer in time the WebSocket is closed all the same.",
        &[("RFC 7395 § 3.6", "core/src/stream/closing.rs")],
    ),
    core(
        "3.6-d",
        BOTH,
        "A WebSocket that ends without `<close/>` ends the stream at once.",
        &[("RFC 7395 § 3.6", "core/src/stream/closing.rs")],
    ),
    core(
        "3.6-e",
        BOTH,
        "`<close/>` is said only where a stream was opened.",
        &[("RFC 7395 § 3.6", "core/src/stream/closing.rs")],
    ),
    core(
        "3.6.1-a",
        SERVER,
        "`see-other-uri` on `<close/>` sends the client elsewhere, at any time.",
        &[
            ("RFC 7395 § 3.6.1", "core/src/server.rs"),
            ("RFC 7395 § 3.6.1", "core/src/stream/closing.rs"),
        ],
    ),
    Row {
        id: "3.6.1-b",
        who: CLIENT,
        what: "It never goes to a lower security level, and asks for the account's domain there, too.",
        obeyed: &[
            ("RFC 7395 § 3.6.1", "core/src/client/route.rs"),
            ("RFC 7395 § 3.6.1", "core/src/ending.rs"),
        ],
        elsewhere: &[
            ("redirecting.rs", "a_redirect_is_followed_at_once"),
            ("redirecting.rs", "a_redirect_that_must_not_be_followed_is_reported"),
        ],
    },
    Row {
        id: "3.6.1-c",
        who: CLIENT,
        what: "It follows a few times, and in no circles.",
        obeyed: &[
            ("RFC 7395 § 3.6.1", "core/src/client/route.rs"),
            ("RFC 7395 § 3.6.1", "core/src/client/reconnect.rs"),
        ],
        elsewhere: &[
            ("redirecting.rs", "redirects_end_after_five_hops"),
            ("redirecting.rs", "a_redirect_that_must_not_be_followed_is_reported"),
            ("redirecting.rs", "a_redirect_that_does_not_last_leads_home"),
        ],
    },
    core(
        "3.7-a",
        BOTH,
        "After the login both streams begin anew, without `<close/>`, with a new `id` and features.",
        &[
            ("RFC 7395 § 3.7", "core/src/client/authenticate.rs"),
            ("RFC 7395 § 3.7", "core/src/server/authenticate.rs"),
            ("RFC 7395 § 3.7", "core/src/stream.rs"),
        ],
    ),
    core(
        "3.8-a",
        BOTH,
        "No white space to keep alive, but pings; pings are answered.",
        &[("RFC 7395 § 3.8", "core/src/stream/liveness.rs")],
    ),
    core(
        "3.9-a",
        SERVER,
        "STARTTLS is never offered, and fails when asked for.",
        &[("RFC 7395 § 3.9", "core/src/server/login.rs")],
    ),
    core(
        "3.9-b",
        CLIENT,
        "An offered STARTTLS is passed over.",
        &[("RFC 7395 § 3.9", "core/src/client/authenticate.rs")],
    ),
    Row {
        id: "3.10-a",
        who: BOTH,
        what: "Stream management may be used, resumption included.",
        obeyed: &[
            ("XEP-0198 § 3", "core/src/client/session.rs"),
            ("XEP-0198 § 5", "core/src/client/session.rs"),
            ("XEP-0198 § 3", "core/src/server/session.rs"),
            ("XEP-0198 § 5", "core/src/server/session.rs"),
            ("XEP-0198 § 4", "core/src/stream/acks.rs"),
        ],
        elsewhere: &[
            ("sm_client.rs", "an_acknowledgement_is_asked_for_after_so_many_stanzas"),
            (
                "sm_resumption/going_on.rs",
                "what_was_not_acknowledged_is_sent_again_once_in_order_before_anything_new",
            ),
            ("sm_server_negotiation.rs", "enabled_says_what_was_asked_for_and_can_be_had"),
            (
                "sm_server_resumption.rs",
                "what_the_client_does_not_have_is_sent_again_in_order_before_anything_new",
            ),
            ("sm_server_counts.rs", "stanzas_count_and_nothing_else"),
            ("sm_server_endings.rs", "a_session_outlasts_what_is_no_clean_end"),
            ("cuts.rs", "one_cut_anywhere_loses_nothing_and_doubles_nothing"),
        ],
    },
];
