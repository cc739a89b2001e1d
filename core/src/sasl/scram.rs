//! SCRAM (RFC 5802): its messages and the states of either side between them.
//!
//! ```text
//! client                                       server
//! FirstSent    -- n,,n=user,r=c ------------>
//!                                              FirstReceived  (the keys are looked up)
//!              <- r=cs,s=salt,i=4096 --------  FirstSent
//! Deriving     (the key is derived)
//! FinalSent    -- c=biws,r=cs,p=proof ------>
//!              <- v=signature ---------------
//! ```

pub(super) mod client;
pub(super) mod message;
pub(super) mod server;

/// `ClientProof := ClientKey XOR ClientSignature` (RFC 5802 § 3), which undoes itself.
fn xor(left: &[u8], right: &[u8]) -> Vec<u8> {
    left.iter().zip(right).map(|(left, right)| left ^ right).collect()
}
