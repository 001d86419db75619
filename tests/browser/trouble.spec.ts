// What a sync does not do by itself: a change that is too big, a record that can't be sent, and who changed a record, told afterwards.
import { type Bridge, addCustomer, connectQuickBooks, expect, expectAccessible, expectAccessibleInBoth, open, panel, row, syncNow, test, untilIdle, vendorHas } from './fixtures.js';
import type { Locator, Page } from '@playwright/test';

type Customer = { Id: string; DisplayName: string; Active: boolean };

const customersThere = (bridge: Bridge) => vendorHas<Customer>(bridge, 'quickbooks', 'Customer');

async function customersHere(bridge: Bridge, search = ''): Promise<{ id: string; display_name: string }[]> {
  const query = { search, filter: 'active', sort: 'name', descending: false, cursor: null, limit: 100 };
  return (await bridge.command<{ rows: { id: string; display_name: string }[] }>('list_customers', { query })).rows;
}

async function setPhone(bridge: Bridge, name: string, phone: string): Promise<void> {
  const [found] = await customersHere(bridge, name);
  const { draft } = await bridge.command<{ draft: object }>('get_customer', { id: found?.id });
  await bridge.command('save_customer', { draft: { ...draft, phone } });
}

test.describe('a sync that would archive most customers', () => {
  /** Somebody makes nearly all customers inactive in QuickBooks. */
  async function emptyTheBooks(page: Page, bridge: Bridge): Promise<Locator> {
    for (let made = 0; made < 9; made += 1) await bridge.control('POST', 'act/quickbooks/create_customer', { DisplayName: `Extra ${made}` });
    await connectQuickBooks(page, bridge);
    await untilIdle(bridge);
    for (const { Id } of await customersThere(bridge)) await bridge.control('POST', 'act/quickbooks/deactivate_customer', { id: Id });
    await syncNow(page, bridge);
    await open(page, '/sync/problems');
    return page.getByRole('article', { name: 'Harbor & Pine Coffee Supply' });
  }

  test('stops, changes nothing, and goes on once the owner allows it', async ({ app: page, bridge }) => {
    const problem = await emptyTheBooks(page, bridge);
    await expect(problem).toContainText('stopped before it did something big');
    await expect(problem).toContainText('Nothing of it was done');
    await expectAccessibleInBoth(page);
    const before = await customersHere(bridge);
    expect(before.length).toBeGreaterThan(15);
    await syncNow(page, bridge);
    expect(await customersHere(bridge), 'the next sync stops too').toEqual(before);

    await problem.getByRole('button', { name: 'Allow it once…' }).click();
    const question = page.getByRole('dialog', { name: 'Let the sync do this once?' });
    await expect(question).toContainText('customer records');
    await expectAccessible(page);
    await question.getByRole('button', { name: 'Allow it once' }).click();
    await expect(page.getByText('Nothing needs you')).toBeVisible({ timeout: 30_000 });
    await expect.poll(() => customersHere(bridge).then((rows) => rows.length), { timeout: 30_000 }).toBe(0);
  });

  test('is looked at first and done as a preview', async ({ app: page, bridge }) => {
    const problem = await emptyTheBooks(page, bridge);
    await problem.getByRole('button', { name: 'See what would happen' }).click();
    const body = page.getByRole('region', { name: 'Preview of the sync' });
    await expect(body).toContainText(/Voided or archived\s*\d+ customers/, { timeout: 40_000 });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Throw away' }).click();
    await expect(body).toContainText('Done ·');
    expect((await customersHere(bridge)).length).toBeGreaterThan(15);
  });
});

test.describe('a record that can not be sent however often it is tried', () => {
  /** QuickBooks takes nothing: its subscription has ended. */
  const lapsed = (bridge: Bridge, ended: boolean) => bridge.control('POST', 'act/quickbooks/knobs', { subscription_ended: ended });
  /** QuickBooks takes the customer, and its answer is lost on the way. */
  const silent = (bridge: Bridge) => bridge.control('POST', 'faults', { vendor: 'quickbooks', kind: 'cut_after', method: 'POST', path: 'customer', count: 500 });

  /** Every attempt to create a customer fails until the app gives up and asks. */
  async function untilGivenUp(page: Page, bridge: Bridge, name: string, fail = (there: Bridge) => lapsed(there, true)): Promise<Locator> {
    await connectQuickBooks(page, bridge);
    await untilIdle(bridge);
    await fail(bridge);
    await addCustomer(bridge, name);
    for (let tries = 0; tries < 20; tries += 1) {
      await syncNow(page, bridge);
      if ((await bridge.command<{ problem_count: number }>('sync_status')).problem_count > 0) break;
      await bridge.control('POST', 'time', { advance_s: 25_000 });
    }
    await open(page, '/sync/problems');
    return page.getByRole('article', { name });
  }

  async function mend(bridge: Bridge): Promise<void> {
    await lapsed(bridge, false);
    await bridge.control('DELETE', 'faults');
  }

  async function sentOnce(bridge: Bridge, name: string): Promise<void> {
    expect((await customersThere(bridge)).filter((customer) => customer.DisplayName === name)).toHaveLength(1);
  }

  test('waits with its tries and its cause, and goes through when tried again', async ({ app: page, bridge }) => {
    test.setTimeout(120_000);
    const problem = await untilGivenUp(page, bridge, 'Once Upon a Shelf');
    await expect(problem).toContainText('could not be sent to QuickBooks');
    await expect(problem).toContainText('It is safe on this computer');
    await expect(problem).toContainText('tried 10 times');
    await expectAccessibleInBoth(page);
    await mend(bridge);
    await problem.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('Nothing needs you')).toBeVisible();
    await bridge.control('POST', 'time', { advance_s: 25_000 });
    await syncNow(page, bridge);
    await sentOnce(bridge, 'Once Upon a Shelf');
  });

  test('is told to be in doubt when no answer ever came, and is found out first', async ({ app: page, bridge }) => {
    test.setTimeout(120_000);
    const problem = await untilGivenUp(page, bridge, 'Perhaps & Maybe', silent);
    await expect(problem).toContainText('may have arrived in QuickBooks or not');
    await expectAccessibleInBoth(page);
    await mend(bridge);
    await problem.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('Nothing needs you')).toBeVisible();
    await syncNow(page, bridge);
    await sentOnce(bridge, 'Perhaps & Maybe');
  });

  test('is edited and then sent as edited', async ({ app: page, bridge }) => {
    test.setTimeout(120_000);
    const problem = await untilGivenUp(page, bridge, 'Misspelt Ltd');
    await mend(bridge);
    await problem.getByRole('button', { name: 'Open the record' }).click();
    await panel(page, 'Misspelt Ltd').getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Telephone' }).first().fill('555-1212');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Customer saved')).toBeVisible();
    await bridge.control('POST', 'time', { advance_s: 25_000 });
    await syncNow(page, bridge);
    await syncNow(page, bridge);
    await sentOnce(bridge, 'Misspelt Ltd');
    expect(JSON.stringify(await customersThere(bridge))).toContain('555-1212');
    await open(page, '/sync/problems');
    await expect(page.getByText('Nothing needs you')).toBeVisible();
  });

  test('is given up with a reason that stays readable', async ({ app: page, bridge }) => {
    test.setTimeout(120_000);
    const problem = await untilGivenUp(page, bridge, 'Never Mind Ltd');
    await problem.getByRole('button', { name: "Don't send…" }).click();
    const dialog = page.getByRole('dialog', { name: 'Do not send this?' });
    await expect(dialog.getByRole('button', { name: "Don't send", exact: true })).toBeDisabled();
    await dialog.getByLabel('Reason').fill('Typed in by mistake');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: "Don't send", exact: true }).click();
    await expect(page.getByText('Nothing needs you')).toBeVisible();
    await open(page, '/sync/waiting?dropped=1');
    await expect(row(page, 'Dropped changes', 'Never Mind Ltd')).toContainText('Typed in by mistake');
    await expectAccessible(page);
    await mend(bridge);
    await syncNow(page, bridge);
    expect((await customersThere(bridge)).map((customer) => customer.DisplayName)).not.toContain('Never Mind Ltd');
  });
});

test('a name that is taken there is changed right in the list, which stays readable in a small window', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  const taken = 'The Extraordinarily Long-Named Cooperative of Hand-Thrown Ceramics and Woodwork';
  await bridge.control('POST', 'act/quickbooks/create_vendor', { DisplayName: taken });
  await addCustomer(bridge, taken);
  await syncNow(page, bridge);
  await expect(page.getByRole('alert').filter({ hasText: 'One record needs you' })).toBeVisible();
  await open(page, '/sync/problems');
  const problem = page.getByRole('article', { name: taken });
  await expect(page.getByRole('alert').filter({ hasText: 'needs you' }), 'the list says it itself').toHaveCount(0, { timeout: 2_000 });
  const side = page.getByRole('region', { name: 'Sync', exact: true });
  await expect(side.getByText('1 problem'), 'the same number stands there once').toHaveCount(1);
  await page.setViewportSize({ width: 960, height: 600 });
  const words = await problem.getByText('already has another entry').boundingBox();
  expect(words?.width, 'the words are not squeezed by the ways out').toBeGreaterThan(400);
  await expectAccessible(page);

  await expect(problem.getByRole('button', { name: 'Rename' }), 'the name that was refused is no other name').toBeDisabled();
  await problem.getByRole('textbox', { name: /^Other name for/ }).fill('Ceramics and Woodwork');
  await problem.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await syncNow(page, bridge);
  expect((await customersThere(bridge)).map((customer) => customer.DisplayName)).toContain('Ceramics and Woodwork');
});

test('trying all again leaves what needs a decision undecided', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await setPhone(bridge, 'Lindqvist', '555-0001');
  await bridge.control('POST', 'act/quickbooks/edit_customer', { id: 2, PrimaryPhone: { FreeFormNumber: '555-0002' } });
  for (const name of ['Taken Twice', 'Taken Thrice']) {
    await bridge.control('POST', 'act/quickbooks/create_vendor', { DisplayName: name });
    await addCustomer(bridge, name);
  }
  await syncNow(page, bridge);
  await open(page, '/sync/problems');
  const conflict = page.getByRole('article', { name: 'Anna Lindqvist' });
  await expect(conflict).toContainText('555-0002');
  await expect(page.getByRole('article')).toHaveCount(3);
  await page.getByRole('button', { name: 'Try all again' }).click();
  // Both are refused once more, and the conflict is where it was.
  await untilIdle(bridge);
  await expect(page.getByRole('article')).toHaveCount(3);
  await expect(conflict.getByRole('button', { name: 'Keep mine' })).toBeEnabled();
  const [anna] = await customersHere(bridge, 'Lindqvist');
  expect(JSON.stringify(await bridge.command('get_customer', { id: anna?.id }))).toContain('555-0001');
});

test('the history of a record names who changed it: the owner, a sync, an undo', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'act/quickbooks/edit_customer', { id: 2, Notes: 'Prefers the phone' });
  await syncNow(page, bridge);
  await setPhone(bridge, 'Lindqvist', '555-7777');
  await syncNow(page, bridge);
  await open(page, '/sync');
  await row(page, 'Runs', 'By you').first().click();
  await panel(page, /^Run of/).getByRole('button', { name: 'Undo this run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the run' }).click();
  await expect(panel(page, /^Run of/)).toContainText('1 record went back', { timeout: 40_000 });
  await untilIdle(bridge);
  await open(page, '/customers');
  await page.getByRole('row', { name: /Anna Lindqvist/ }).click();
  const history = panel(page, 'Anna Lindqvist');
  await expect(history.getByRole('listitem').filter({ hasText: 'in the undo run of' }).first()).toContainText('555-7777');
  await expect(history.getByRole('listitem').filter({ hasText: 'by you' }).first()).toContainText('555-7777');
  await expect(history.getByRole('listitem').filter({ hasText: 'by QuickBooks' }).filter({ hasText: 'Prefers the phone' })).toHaveCount(1);
  await expectAccessibleInBoth(page);
  await history.getByRole('button', { name: 'Created' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('by QuickBooks');
  await expect(dialog.getByRole('row', { name: /Notes/ })).toContainText('Prefers the phone');
  await expect(dialog.getByRole('row', { name: /Billing street/ })).toHaveCount(0);
  await dialog.getByRole('button', { name: /fields that are the same/ }).click();
  await expect(dialog.getByRole('row', { name: /Billing street/ })).toBeVisible();
  await expectAccessible(page);
});
