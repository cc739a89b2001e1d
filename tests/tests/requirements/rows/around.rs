//! What is around the stream: RFC 7395 § 4 and § 6, and what RFC 6120 says of logging in.

use super::{BOTH, CLIENT, Row, SERVER, core};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "4-a",
        who: CLIENT,
        what: "The address is found by Web Host Metadata, over HTTPS only.",
        obeyed: &[
            ("RFC 6415 § 2", "core/src/discovery.rs"),
            ("XEP-0156, Security Considerations", "core/src/discovery.rs"),
            ("XEP-0156, Security Considerations", "adapters/tungstenite/src/get.rs"),
        ],
        elsewhere: &[
            ("tokio/fetch.rs", "nothing_is_fetched_without_a_good_certificate"),
            ("tokio/fetch.rs", "redirects_are_followed_to_https_only"),
            ("tokio/fetch.rs", "a_domains_endpoint_is_found_and_dialed"),
            ("client_discovery.rs", "what_was_found_is_told"),
            ("client_discovery.rs", "each_endpoint_is_tried_and_then_the_domain_is_asked_anew"),
            ("client_discovery.rs", "where_there_is_nothing_the_reason_says_what_was_tried"),
        ],
    },
    Row {
        id: "6-a",
        who: CLIENT,
        what: "Over TLS the certificate is checked against the address's host.",
        obeyed: &[
            ("RFC 7395 § 6", "adapters/tungstenite/src/tls/client.rs"),
            ("RFC 7395 § 6", "core/src/endpoint.rs"),
        ],
        elsewhere: &[
            ("tokio/tls.rs", "a_certificate_for_another_name_is_refused"),
            ("tokio/tls.rs", "a_certificate_of_nobody_trusted_is_refused"),
            ("tokio/tls.rs", "a_certificate_for_the_alternative_name_will_do"),
        ],
    },
    core(
        "6-b",
        BOTH,
        "PLAIN only over TLS, anything stronger before it; SCRAM binds to the TLS where both can, and who could says so.",
        &[
            ("RFC 6120 § 13.8.3", "core/src/client/authenticate.rs"),
            ("RFC 6120 § 13.8.3", "core/src/server/login.rs"),
            ("RFC 5802 § 6", "core/src/sasl/client.rs"),
            ("RFC 5802 § 6", "core/src/sasl/scram/server.rs"),
            ("RFC 5802 § 6", "core/src/server/login.rs"),
            ("RFC 9266 § 2", "adapters/tungstenite/src/tls/facts.rs"),
        ],
    ),
    core(
        "6-c",
        SERVER,
        "Limits of size, depth, attributes, tries and time.",
        &[
            ("RFC 6120 § 13.12", "core/src/limits.rs"),
            ("RFC 6120 § 6.4.5", "core/src/server/authenticate.rs"),
            ("RFC 6120 § 7.7.3", "core/src/server/login.rs"),
        ],
    ),
    core(
        "6120-4.9.3.12",
        SERVER,
        "Nothing is processed before the login; before binding nobody is spoken to but the server and the account.",
        &[("RFC 6120 § 4.9.3.12", "core/src/server/login.rs")],
    ),
    core(
        "6120-6",
        BOTH,
        "SASL's failures have their names, `=` is empty data, `<abort/>` and a second `<auth/>` are understood.",
        &[
            ("RFC 6120 § 6.4.2", "core/src/sasl_frame.rs"),
            ("RFC 6120 § 6.4.2", "core/src/server/authenticate.rs"),
            ("RFC 6120 § 6.4.4", "core/src/client/authenticate.rs"),
            ("RFC 6120 § 6.5", "core/src/sasl_frame.rs"),
        ],
    ),
    core(
        "6120-7",
        BOTH,
        "A made-up resource is random, a conflict is not asked for again, and a stanza's `from` is the server's to say.",
        &[
            ("RFC 6120 § 7.6", "core/src/server/login.rs"),
            ("RFC 6120 § 7.6", "core/src/bind.rs"),
            ("RFC 6120 § 7.7.2.2", "core/src/client/login.rs"),
            ("RFC 6120 § 8.1.2.1", "core/src/server.rs"),
        ],
    ),
];
