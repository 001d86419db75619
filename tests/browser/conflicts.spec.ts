// Both sides change the same field: the Problems view shows both values, and the owner's choice reaches both sides.
import { type Bridge, connectQuickBooks, expect, expectAccessible, open, panel, row, syncNow, test } from './fixtures.js';

type Named = { rows: { id: string; display_name: string }[] };

/** Anna's telephone and notes are changed here and otherwise there. */
async function bothEdit(bridge: Bridge): Promise<void> {
  const query = { search: 'Lindqvist', filter: 'active', sort: 'name', descending: false, cursor: null, limit: 5 };
  const { rows } = await bridge.command<Named>('list_customers', { query });
  const { draft } = await bridge.command<{ draft: object }>('get_customer', { id: rows[0]?.id });
  await bridge.command('save_customer', { draft: { ...draft, phone: '555-0001', notes: 'Prefers coffee' } });
  const theirs = { id: 2, Notes: 'Prefers tea', PrimaryPhone: { FreeFormNumber: '555-0002' } };
  await bridge.control('POST', 'act/quickbooks/edit_customer', theirs);
}

test('a conflict is decided field by field', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await bothEdit(bridge);
  await syncNow(page, bridge);
  await open(page, '/sync/problems');
  const card = page.getByRole('article', { name: 'Anna Lindqvist' });
  await expect(card).toContainText('555-0001');
  await expect(card).toContainText('555-0002');
  await expectAccessible(page);
  await expect(card.getByRole('button', { name: 'Keep what is chosen' })).toBeDisabled();
  await card.getByRole('radio', { name: 'Phone: keep yours, 555-0001' }).check();
  await card.getByRole('radio', { name: 'Notes: take theirs, Prefers tea' }).check();
  await card.getByRole('button', { name: 'Keep what is chosen' }).click();
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await syncNow(page, bridge);
  const there = JSON.stringify(await bridge.control('GET', 'state/quickbooks'));
  expect(there).toContain('555-0001');
  expect(there).toContain('Prefers tea');
  expect(there).not.toContain('Prefers coffee');
});

test('a rule in the settings decides without asking', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await open(page, '/settings/connections');
  await page.getByRole('combobox', { name: 'When both sides changed the same field' }).click();
  await page.getByRole('option', { name: 'Take what is in QuickBooks' }).click();
  await expectAccessible(page);
  await bothEdit(bridge);
  await syncNow(page, bridge);
  await open(page, '/sync/problems');
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await open(page, '/sync');
  await row(page, 'Runs', 'By you').first().click();
  await expect(panel(page, /^Run of/)).toContainText('Took theirs');
});

test('a change is dropped with a reason and listed as such', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await bothEdit(bridge);
  await open(page, '/sync/waiting');
  await page.getByRole('row', { name: 'Anna Lindqvist' }).getByRole('checkbox').check({ force: true });
  await page.getByRole('button', { name: "Don't send…" }).click();
  const dialog = page.getByRole('dialog', { name: 'Do not send this?' });
  await dialog.getByLabel('Reason').fill('The bookkeeper knows better');
  await dialog.getByRole('button', { name: "Don't send", exact: true }).click();
  await expect(page.getByText('Nothing waits')).toBeVisible();
  await page.getByText('Dropped', { exact: true }).click();
  await expect(page.getByRole('grid', { name: 'Dropped changes' })).toContainText('The bookkeeper knows better');
  await expectAccessible(page);
});
