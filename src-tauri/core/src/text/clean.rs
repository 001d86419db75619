//! What becomes of typed and pasted text.
//!
//! The rule for characters that nobody sees: they are dropped, except where they change what is seen. Joiners stay inside emoji
//! and in scripts that shape letters by them, variation selectors stay behind the sign they vary, direction marks and isolates
//! stay in text that has right-to-left letters. Line breaks of word processors become plain ones.

use icu_normalizer::ComposingNormalizerBorrowed;

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// Text as the owner meant it: composed, with plain line breaks, and without characters that nobody sees.
pub fn typed(text: &str) -> String {
    if text.is_ascii() && !text.contains(|c: char| c.is_ascii_control() && !matches!(c, '\n' | '\t')) {
        return text.to_owned();
    }
    let unified = text.replace("\r\n", "\n");
    let letters: Vec<char> = unified.chars().collect();
    let right_to_left = letters.iter().copied().any(is_right_to_left);
    let mut kept = String::with_capacity(text.len());
    for (index, letter) in letters.iter().copied().enumerate() {
        let before = kept.chars().next_back();
        let after = letters.get(index + 1).copied();
        match letter {
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            '\n' | '\t' => kept.push(letter),
            _ if letter.is_control() => {}
            _ if is_invisible(letter) && !is_meant(letter, before, after, right_to_left, &kept) => {}
            _ => kept.push(letter),
        }
    }
    NFC.normalize(&kept).into_owned()
}

/// Whether nobody would see anything of this text.
pub fn is_blank(text: &str) -> bool {
    // The empty Braille cell is drawn as nothing.
    text.chars().all(|c| c.is_whitespace() || c.is_control() || c == '\u{2800}' || is_invisible(c))
}

/// Characters that are not drawn: format characters, fillers, variation selectors, tags, and places of no character.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether an invisible character changes how what stands around it is drawn.
fn is_meant(c: char, before: Option<char>, after: Option<char>, right_to_left: bool, kept: &str) -> bool {
    let Some(before) = before else { return right_to_left && is_direction(c) };
    match c {
        // Joins the parts of an emoji, or shapes the letter before it, which may end a word.
        '\u{200D}' => is_shaped(before) || (is_emoji_part(before) && after.is_some_and(is_emoji_part)),
        '\u{200C}' => is_shaped(before),
        '\u{FE00}'..='\u{FE0F}' => !before.is_whitespace() && !is_invisible(before),
        '\u{E0100}'..='\u{E01EF}' => {
            matches!(before, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        }
        // The flags of England, Scotland and Wales are spelled in tags.
        '\u{E0020}'..='\u{E007F}' => {
            kept.trim_end_matches(|c| matches!(c, '\u{E0020}'..='\u{E007E}')).ends_with('\u{1F3F4}')
        }
        '\u{180B}'..='\u{180D}' | '\u{180F}' => matches!(before, '\u{1820}'..='\u{18AF}'),
        '\u{115F}' | '\u{1160}' => matches!(before, '\u{1100}'..='\u{11FF}'),
        c => right_to_left && is_direction(c),
    }
}

/// Marks and isolates of direction. Overrides and embeddings are not among them: they make a text look like another one.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2066}'..='\u{2069}')
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
        && c != '\u{61C}'
}

/// Letters of scripts in which joiners choose a shape: Arabic and its kin, the scripts of India and South-East Asia, Mongolian.
fn is_shaped(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{A840}'..='\u{A87F}'
        | '\u{A8E0}'..='\u{A8FF}' | '\u{A980}'..='\u{A9DF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{11000}'..='\u{11FFF}')
}

fn is_emoji_part(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sign_or_two_become_one() {
        assert_eq!(typed("Zoe\u{301}"), "Zoé");
        assert_eq!(typed("\u{1112}\u{1161}\u{11AB}"), "한");
    }

    #[test]
    fn what_nobody_sees_is_dropped() {
        for (text, clean) in [
            ("INV-7\u{200B}", "INV-7"),
            ("soft\u{AD}hyphen", "softhyphen"),
            ("\u{FEFF}start", "start"),
            ("a\u{200D}b\u{200C}c", "abc"),
            ("inv\u{202E}oice", "invoice"),
            ("left\u{200E}", "left"),
            ("bell\u{7}", "bell"),
            ("x\u{3164}", "x"),
            ("a\u{FE0F} \u{FE0F}b", "a\u{FE0F} b"),
            ("\u{2067}abc\u{2069}", "abc"),
            ("tag\u{E0041}", "tag"),
            ("\u{200B}", ""),
        ] {
            assert_eq!(typed(text), clean, "{text:?}");
        }
    }

    #[test]
    fn what_changes_the_look_of_its_neighbors_stays() {
        for text in [
            "👩\u{200D}🚀 kit",
            "❤\u{FE0F}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "نمی\u{200C}خواهم",
            "क्\u{200D}ष",
            "क्\u{200D}",
            "葛\u{E0100}城",
            "שלום\u{200F}!",
            "\u{2067}שלום\u{2069} 7",
            "naïve – “quotes” 5\u{A0}€",
        ] {
            assert_eq!(typed(text), text);
        }
    }

    #[test]
    fn breaks_of_word_processors_become_plain_ones() {
        assert_eq!(typed("one\u{B}two\r\nthree\rfour\u{2028}five\u{C}six"), "one\ntwo\nthree\nfour\nfive\nsix");
    }

    #[test]
    fn a_text_of_nothing_visible_is_blank() {
        for text in ["", " \t", "\u{200B}", "\u{2800}", "\u{3164}\u{FEFF}", "\u{A0}\u{200D}"] {
            assert!(is_blank(text), "{text:?}");
        }
        assert!(!is_blank("\u{200B}a"));
    }
}
