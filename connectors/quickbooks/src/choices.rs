//! Which of the company's accounts and items each setting may name, and which is suggested.

use crate::wire::{Account, ServiceItem, TaxCode};
use connector_contract::Choice;

/// A setting, the types of account that fit it, and the sub-type to suggest.
struct Rule {
    setting: &'static str,
    types: &'static [&'static str],
    sub_type: Option<&'static str>,
    suggested: &'static str,
}

const RULES: [Rule; 4] = [
    Rule { setting: "income_account", types: &["Income"], sub_type: None, suggested: "SalesOfProductIncome" },
    Rule {
        setting: "deposit_account",
        types: &["Bank", "Other Current Asset"],
        sub_type: None,
        suggested: "UndepositedFunds",
    },
    Rule {
        setting: "expense_account",
        types: &["Cost of Goods Sold"],
        sub_type: None,
        suggested: "SuppliesMaterialsCogs",
    },
    Rule {
        setting: "asset_account",
        types: &["Other Current Asset"],
        sub_type: Some("Inventory"),
        suggested: "Inventory",
    },
];

impl Rule {
    fn fits(&self, account: &Account) -> bool {
        let is = |text: &Option<String>, wanted: &str| text.as_deref() == Some(wanted);
        let type_fits = self.types.iter().any(|wanted| is(&account.kind, wanted));
        // Of the current assets only the one for money in transit can receive a payment.
        let bank_like =
            self.setting != "deposit_account" || is(&account.kind, "Bank") || is(&account.sub_kind, "UndepositedFunds");
        type_fits && bank_like && self.sub_type.is_none_or(|wanted| is(&account.sub_kind, wanted))
    }
}

/// All options. One of each setting is suggested: the account QuickBooks makes for the purpose, else the first.
pub(crate) fn choices(accounts: &[Account]) -> Vec<Choice> {
    let mut choices = Vec::new();
    for rule in &RULES {
        let fitting: Vec<&Account> = accounts.iter().filter(|account| rule.fits(account)).collect();
        let made_for_it = |account: &&Account| account.sub_kind.as_deref() == Some(rule.suggested);
        let suggested = fitting.iter().position(made_for_it).unwrap_or(0);
        choices.extend(fitting.iter().enumerate().map(|(index, account)| Choice {
            setting: rule.setting,
            value: account.id.clone(),
            label: account.fully_qualified_name.clone().unwrap_or_else(|| account.name.clone()),
            suggested: index == suggested,
        }));
    }
    choices
}

/// The items that may stand in on lines without one. QuickBooks makes "Services" for the purpose in every new company.
pub(crate) fn items(items: &[ServiceItem]) -> Vec<Choice> {
    let named = |name: &str| items.iter().position(|item| item.name.eq_ignore_ascii_case(name));
    let suggested = named("Services").or_else(|| named("Sales")).unwrap_or(0);
    let choice = |(index, item): (usize, &ServiceItem)| Choice {
        setting: "default_item",
        value: item.id.clone(),
        label: item.name.clone(),
        suggested: index == suggested,
    };
    items.iter().enumerate().map(choice).collect()
}

/// The tax codes that invoices may name; the company's own is suggested.
pub(crate) fn tax_codes(codes: &[TaxCode], default: Option<&str>) -> Vec<Choice> {
    let choice = |code: &TaxCode| Choice {
        setting: "tax_code",
        value: code.id.clone(),
        label: code.name.clone(),
        suggested: default == Some(code.id.as_str()),
    };
    codes.iter().map(choice).collect()
}

/// The item for lines without one when the owner has not chosen.
pub(crate) fn default_item(all: &[ServiceItem]) -> Option<String> {
    items(all).into_iter().find(|choice| choice.suggested).map(|choice| choice.value)
}

/// The income account for new items when the owner has not chosen.
pub(crate) fn default_income(accounts: &[Account]) -> Option<String> {
    choices(accounts).into_iter().find(|choice| choice.setting == "income_account" && choice.suggested).map(|c| c.value)
}
