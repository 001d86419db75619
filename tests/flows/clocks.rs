//! The books' clock and ours are hours apart: nothing that changes there is ever missed.

use crate::shop::connected;
use chrono::Duration;
use serde_json::json;
use vendor_sim::Vendor;

#[tokio::test(start_paused = true)]
async fn nothing_is_missed_while_the_clocks_are_hours_apart_nor_after_they_are_set_right() {
    for (first, then) in [(3, 0), (-3, 0), (0, 2), (0, -2), (20, -20), (-30, 1)] {
        let shop = connected("demo").await;
        shop.world().set_ahead(Vendor::Quickbooks, Duration::hours(first));
        let mut made = Vec::new();
        for round in 0..6 {
            if round == 3 {
                shop.world().set_ahead(Vendor::Quickbooks, Duration::hours(then));
            }
            let name = format!("Customer of round {round}");
            shop.act(Vendor::Quickbooks, "create_customer", &json!({ "DisplayName": name }));
            made.push(name);
            shop.sync().await;
            let here: Vec<String> = shop.customers().into_iter().map(|row| row.display_name).collect();
            let missing: Vec<&String> = made.iter().filter(|name| !here.contains(name)).collect();
            assert!(
                missing.is_empty(),
                "{first} and then {then} hours, round {round}: {missing:?}\n{:#?}",
                shop.problems()
            );
            // Within one of the overlaps of two windows, and beyond them.
            shop.outside.clock.advance(if round % 2 == 0 { Duration::minutes(1) } else { Duration::minutes(45) });
        }
        shop.assert_sound();
    }
}
