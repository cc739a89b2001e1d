//! A client that does not read.

use std::time::Instant;

use crate::process::{Process, Server, TIME, command};

#[test]
fn who_does_not_read_harms_nobody_else() {
    let server = Server::start(&[]);
    let mut alice = server.login("alice@localhost/a");
    let mut carol = server.login("carol@localhost/c");
    // Nobody takes Bob's output: it stops, and then he reads no more.
    let mut bob = Process::silent(&mut command(&server.client("bob@localhost/b", &[])));
    let knock = "<iq to='bob@localhost/b' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>";
    loop {
        carol.says(knock);
        if carol.stanza().contains("type='result'") {
            break;
        }
    }
    let body = "x".repeat(200_000);
    let message = format!("<message to='bob@localhost/b'><body>{body}</body></message>");
    let begin = Instant::now();
    let mut written = 0;
    // What the systems' buffers take first is some megabytes.
    let refused = loop {
        alice.says(&message);
        written += 1;
        if written % 8 == 0 {
            alice.says("<iq to='localhost' type='get' id='w'><ping xmlns='urn:xmpp:ping'/></iq>");
            let answer = alice.stanza();
            if !answer.contains("id='w'") {
                break answer;
            }
        }
        assert!(begin.elapsed() < TIME, "{written} messages of 200 KB were taken");
    };
    assert!(refused.contains("<resource-constraint"), "{refused}");
    // Others go on as if nothing were.
    let begin = Instant::now();
    carol.says("<message to='carol@localhost/c'><body>Hi</body></message>");
    assert!(carol.stanza().contains("<body>Hi</body>"));
    assert!(begin.elapsed().as_secs() < 2);
    bob.ends_input();
}
