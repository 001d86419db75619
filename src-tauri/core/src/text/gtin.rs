//! Barcodes of products by their number (GTIN): UPC-A, EAN-8, EAN-13 and ITF-14 are one number of 14 digits with zeros in front.
//!
//! Absent on purpose: UPC-E, whose eight digits can be a valid EAN-8 as well, and correcting a check digit.

use super::fold::same_key;

/// What a barcode is looked up by: a product's number as 14 digits, and any other code as its text.
pub fn barcode_key(code: &str) -> String {
    gtin(code).unwrap_or_else(|| same_key(code))
}

/// The number as 14 digits; `None` for what is no product's number, such as one with a wrong check digit.
fn gtin(code: &str) -> Option<String> {
    let digits = same_key(code).replace([' ', '-'], "");
    if !matches!(digits.len(), 8 | 12 | 13 | 14) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{digits:0>14}");
    // Weights from the right, the check digit's is one; the sum of a valid number is whole tens.
    let sum: u32 = padded
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, digit)| u32::from(digit - b'0') * if index % 2 == 0 { 1 } else { 3 })
        .sum();
    (sum != 0 && sum.is_multiple_of(10)).then_some(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_product_has_one_number_however_it_is_scanned() {
        for (code, key) in [
            ("036000291452", "00036000291452"),
            ("0036000291452", "00036000291452"),
            ("00036000291452", "00036000291452"),
            ("0 36000 29145 2", "00036000291452"),
            ("4006381333931", "04006381333931"),
            ("73513537", "00000073513537"),
            ("10614141000415", "10614141000415"),
            ("４００６３８１３３３９３１", "04006381333931"),
            ("978-0-306-40615-7", "09780306406157"),
        ] {
            assert_eq!(barcode_key(code), key, "{code}");
        }
    }

    #[test]
    fn other_codes_are_their_text() {
        for (code, key) in [
            ("036000291453", "036000291453"),
            ("00000000", "00000000"),
            ("12345", "12345"),
            ("4.00638E+12", "4.00638e+12"),
            ("Shelf 7-B", "shelf 7-b"),
            ("", ""),
        ] {
            assert_eq!(barcode_key(code), key, "{code}");
        }
    }
}
