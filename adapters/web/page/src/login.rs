//! What the page keeps of a login while it is loaded again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsError;
use xmpp_ws_web::xmpp_ws::client::ClientConfig;
use xmpp_ws_web::xmpp_ws::sasl::{DerivedKeys, KeyDerivation, Mechanism};

/// How to log in: all but the password.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Login {
    pub(crate) address: String,
    pub(crate) account: String,
    pub(crate) plain: bool,
    pub(crate) keepalive: Option<f64>,
    /// What takes the password's place, once the login was by SCRAM.
    pub(crate) keys: Option<Keys>,
}

/// Keys derived from the password (RFC 5802 § 3). Whoever has them can log in to this server as long as it keeps its
/// salt, but does not know the password.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Keys {
    salt: Vec<u8>,
    iterations: u32,
    bytes: Vec<u8>,
}

impl Login {
    /// A client's configuration; without a password it can log in by the kept keys only.
    pub(crate) fn config(&self, password: Option<&str>) -> Result<ClientConfig, JsError> {
        let mut config = ClientConfig::new(self.account.parse()?, self.address.parse()?);
        if password.is_none() {
            config.mechanisms =
                vec![Mechanism::ScramSha512, Mechanism::ScramSha256, Mechanism::ScramSha1];
        }
        config = config.with_password(password.unwrap_or(NO_PASSWORD));
        config.tolerance.plain_without_tls = self.plain;
        if let Some(keepalive) = self.keepalive {
            config.limits.ping_after = Some(Duration::try_from_secs_f64(keepalive)?);
        }
        Ok(config)
    }
}

impl Keys {
    /// Derives them, which takes a while.
    pub(crate) fn derive(derivation: &KeyDerivation) -> Self {
        Self {
            salt: derivation.salt().to_vec(),
            iterations: derivation.iterations(),
            bytes: derivation.clone().run().as_bytes().to_vec(),
        }
    }

    /// The keys, if they are what the server asks for.
    pub(crate) fn answer(&self, derivation: &KeyDerivation) -> Option<DerivedKeys> {
        let fits = self.salt == derivation.salt() && self.iterations == derivation.iterations();
        // Keys of another hash have another length.
        fits.then(|| DerivedKeys::from_bytes(derivation.hash(), &self.bytes).ok()).flatten()
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

/// Stands where a password has to stand. SCRAM by kept keys never looks at it.
const NO_PASSWORD: &str = "none";
