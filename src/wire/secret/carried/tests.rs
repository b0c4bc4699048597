use super::*;

fn holds(secret: &str, words: &str) -> bool {
    repeats(&[Secret::from(secret)], words)
}

#[test]
fn a_secret_is_found_in_any_spelling() {
    for secret in [
        "hunter2-hunter2",
        "Zx81qL0m",
        "a\"b\\c\nd'e&f<g>",
        "expected a string",
        "p\u{e4}ssw\u{f6}rt \u{1f511}!",
        "  spaces  around  ",
    ] {
        let json = serde_json::to_string(secret).expect("JSON");
        let ascii: String = json.chars().fold(String::new(), |mut all, c| {
            if c.is_ascii() {
                all.push(c);
            } else {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(all, "\\u{unit:04X}").expect("a string"));
            }
            all
        });
        let hexadecimal = |before: &str| {
            secret.bytes().fold(String::new(), |mut all, byte| {
                write!(all, "{before}{byte:02x}").expect("a string");
                all
            })
        };
        let percent = hexadecimal("%");
        let base64 = |before: &str| BASE64_STANDARD.encode(format!("{before}{secret} and more"));
        for spelled in [
            secret.to_owned(),
            secret.to_uppercase(),
            secret.replace(char::is_whitespace, " "),
            secret.replace(char::is_whitespace, ""),
            json.clone(),
            serde_json::to_string(&json).expect("JSON"),
            ascii,
            format!("{secret:?}"),
            byte_serialize(secret.as_bytes()).collect(),
            url::form_urlencoded::Serializer::new(String::new()).append_pair("a", secret).finish(),
            secret
                .replace('&', "&amp;")
                .replace('"', "&quot;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('\'', "&#39;"),
            percent.clone(),
            hexadecimal(""),
            BASE64_STANDARD.encode(secret),
            base64(""),
            base64("a"),
            base64("ab"),
            base64("user:"),
            base64("ab").replace('+', "-").replace('/', "_"),
        ] {
            assert!(holds(secret, &format!("no \u{201c}{spelled}\u{201d} here")), "{spelled}");
        }
        assert!(!holds(secret, "The attribute hostname of the server is not valid."), "{secret}");
    }
}

#[test]
fn a_piece_of_a_long_one_counts() {
    let script = format!("#!/bin/sh\n{}echo 'root:correct horse battery' | chpasswd\n", "# filler\n".repeat(2000));
    assert!(holds(&script, "user_data: near `correct horse`: what is this"));
    assert!(!holds(&script, "The user_data must begin with #!/bin/sh."));
    assert!(!holds(&script, ""));
}

#[test]
fn of_a_short_one_nobody_can_tell() {
    for short in ["p", "q", "\"", "1234567", "       8", "\u{e9}"] {
        for words in ["", "p", "The server is not there."] {
            assert!(holds(short, words), "{short:?} {words}");
        }
    }
    let tell = || vec![Secret::new("")];
    assert!(!Carried::told_by(&tell).may_be_in("nothing to hide"));
    assert!(Carried::unknown().may_be_in("anything"));
}
