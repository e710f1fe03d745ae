//! Why a key is of no use here.

/// Why a public key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not base64, or not the encoding of such a key.
    #[error(
        "the key is cut off or changed: its text is not what `{name}` has; copy the line of the .pub file again"
    )]
    Malformed {
        /// The type that it says it has.
        name: String,
    },
    /// The type before the key is another than the one within.
    #[error("the key says `{outside}` and is `{inside}`; copy the line of the .pub file again")]
    Type {
        /// The type in the text.
        outside: String,
        /// The type in the key.
        inside: String,
    },
    /// A certificate stands where a key should.
    #[error(
        "`{name}` is a certificate; give the key itself, since who a certificate names is its authority's word"
    )]
    Certificate {
        /// Its type.
        name: String,
    },
    /// DSA.
    #[error("DSA keys (ssh-dss) are too weak to count; make one of type ed25519")]
    Dsa,
    /// A type that is not verified here.
    #[error(
        "keys of type `{name}` are not verified; known are ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa, sk-ssh-ed25519@openssh.com and sk-ecdsa-sha2-nistp256@openssh.com"
    )]
    Unknown {
        /// The type.
        name: String,
    },
    /// RSA, too short.
    #[error("the RSA key has {bits} bits, and fewer than 2048 do not count; make one of type ed25519")]
    Short {
        /// Bits of the modulus.
        bits: usize,
    },
    /// RSA, too long.
    #[error("the RSA key has {bits} bits, and more than 8192 are not verified")]
    Long {
        /// Bits of the modulus.
        bits: usize,
    },
    /// RSA with numbers that no proper key has.
    #[error("the RSA key has an even modulus, or an exponent that is even, 1 or longer than 64 bits")]
    Numbers,
    /// No point of the curve, or one that anybody can sign for.
    #[error("the key is no point of its curve, or one for which anybody can sign; make a new key")]
    Point,
}
