//! Bytes as SASL messages: whatever a peer says, neither side panics, and nobody logs in without the password.

use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{self, Step};
use xmpp_ws::sasl::{ChannelBinding, DecoySecret, Hash, Mechanism, Password, StoredKeys};

use crate::sasl_login::any_iterations;

/// Plays both peers by a script: two bytes choose the mechanism and the side, the rest is lines that it hears.
///
/// A line that begins with `\x01` is a `<success/>`, to a client. `\x02` in a line stands for the nonce that the
/// other side made, so that a script can get past the first message.
pub fn sasl(data: &[u8]) {
    let [mechanism, side, script @ ..] = data else {
        return;
    };
    let mechanism =
        Mechanism::ALL.get(usize::from(*mechanism) % Mechanism::ALL.len()).expect("in range");
    let lines = script.split(|byte| *byte == b'\n').take(MAX_LINES);
    if side % 2 == 0 {
        client(*mechanism, lines);
    } else {
        server(*mechanism, lines);
    }
}

fn client<'a>(mechanism: Mechanism, lines: impl Iterator<Item = &'a [u8]>) {
    let password = Password::new(PASSWORD);
    let mut start = Start::new(USERNAME, NONCE.to_owned());
    start.password = Some(&password);
    let channel = channel();
    start.channel_binding = Some(&channel);
    let (mut exchange, initial) =
        client::Exchange::start(mechanism, start).expect("these credentials are good");
    assert!(initial.is_some(), "all mechanisms let the client speak first");
    let mut limits = any_iterations();
    limits.max_iterations = MAX_ITERATIONS;
    for line in lines {
        if let Some(data) = line.strip_prefix(b"\x01") {
            let succeeded = exchange.success((!data.is_empty()).then_some(data)).is_ok();
            // The signature cannot be guessed, and the script does not know the password.
            assert!(!(succeeded && mechanism.scram_hash().is_some()), "an impostor was believed");
            return;
        }
        exchange = match exchange.challenge(&with_nonce(line), &limits) {
            Ok(client::Step::Respond(..)) => unreachable!("the signature cannot be guessed"),
            Ok(client::Step::Derive(next, derivation)) => {
                assert!((1..=MAX_ITERATIONS).contains(&derivation.iterations()));
                assert!(!derivation.salt().is_empty());
                let (next, response) = next.derived(&derivation.run()).expect("the very keys");
                assert!(response.starts_with(b"c="));
                next
            }
            Err(_) => return,
        };
    }
}

fn server<'a>(mechanism: Mechanism, mut lines: impl Iterator<Item = &'a [u8]>) {
    let decoy = DecoySecret::new([7; 32]);
    let keys = StoredKeys::derive(Hash::Sha256, &Password::new(PASSWORD), b"salt".to_vec(), 1).ok();
    let decoy = keys.as_ref().map_or(decoy.clone(), |keys| decoy.shaped_like(keys));
    let initial = lines.next();
    let mut step = server::Exchange::start(mechanism, initial, NONCE.to_owned(), Some(channel()));
    loop {
        step = match step {
            Ok(Step::Challenge(exchange, _)) => match lines.next() {
                Some(line) => exchange.response(&with_nonce(line)),
                None => return,
            },
            Ok(Step::Lookup(exchange, lookup)) => {
                assert_eq!(Some(lookup.hash), mechanism.scram_hash());
                assert!(!lookup.username.is_empty());
                let keys = keys.as_ref().filter(|_| lookup.username == USERNAME);
                exchange.credentials(keys, &decoy)
            }
            Ok(Step::CheckPassword(check)) => {
                assert!(!check.username().is_empty() && !check.password().is_empty());
                let knows = check.username() == USERNAME && check.password() == PASSWORD;
                let keys = keys.as_ref().filter(|_| check.username() == USERNAME);
                let verdict = check.verify(keys, &decoy);
                assert_eq!(verdict.is_accepted(), knows);
                verdict.into_step()
            }
            Ok(Step::Success { username, data, .. }) => {
                assert_eq!((username.as_str(), data), (USERNAME, None), "a proof was guessed");
                return;
            }
            Ok(Step::External { .. } | Step::Anonymous { .. }) | Err(_) => return,
        };
    }
}

fn channel() -> ChannelBinding {
    ChannelBinding::TlsExporter(vec![9; 32].into())
}

fn with_nonce(line: &[u8]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = line.split(|byte| *byte == 2).collect();
    pieces.join(NONCE.as_bytes())
}

const USERNAME: &str = "user";
const PASSWORD: &str = "pencil";
const NONCE: &str = "0123456789abcdef";
const MAX_LINES: usize = 8;
const MAX_ITERATIONS: u32 = 64;
