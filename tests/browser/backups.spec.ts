// Backups in Settings: made, listed with what they hold, and restored after a look at what would be lost.
import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { type Bridge, addCustomer, addInvoice, connectWithKeys, expect, expectAccessible, expectAccessibleInBoth, open, row, test, untilIdle } from './fixtures.js';

const backups = (page: Page) => page.getByRole('region', { name: 'Backups' });
const kept = (page: Page, kind: string) => backups(page).getByRole('row').filter({ hasText: kind });
const question = (page: Page) => page.getByRole('dialog', { name: 'Restore this backup?' });

/** One customer with one invoice, backed up from Settings. */
async function backUp(page: Page, bridge: Bridge): Promise<void> {
  await addInvoice(bridge, await addCustomer(bridge, 'Ada Pine'), '120');
  await open(page, '/settings/data');
  await backups(page).getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText('Backup made and checked.')).toBeVisible();
}

/** Restores, and waits for the page to begin again with what is there then. */
async function agree(page: Page): Promise<void> {
  const again = page.waitForEvent('load');
  await question(page).getByRole('button', { name: 'Restore', exact: true }).click();
  await again;
}

async function names(page: Page): Promise<void> {
  await open(page, '/customers');
  await expect(row(page, 'Customers', 'Ada Pine')).toBeVisible();
}

test('a backup is made at once and listed with its kind, what it holds and its size', async ({ app: page, bridge }) => {
  await open(page, '/settings/data');
  await expect(backups(page)).toContainText('Backroom makes one a day');
  await backUp(page, bridge);
  const made = kept(page, 'By you');
  await expect(made).toHaveCount(1);
  await expect(made).toContainText('1 customer, 1 invoice');
  await expect(made).toContainText(/\d (KB|MB)$|\d (KB|MB)\s*Restore/);
  await expectAccessibleInBoth(page);
});

test('restoring shows what would be lost, and can be taken back', async ({ app: page, bridge }) => {
  await backUp(page, bridge);
  await addCustomer(bridge, 'Ben Oak');
  await addCustomer(bridge, 'Cora Birch');
  await kept(page, 'By you').getByRole('button', { name: /^Restore the backup of/ }).click();
  await expect(question(page)).toContainText('Harbor & Pine');
  await expect(question(page)).toContainText('1 customer, 1 invoice');
  await expect(question(page)).toContainText('3 customers, 1 invoice');
  await expect(question(page).getByRole('listitem')).toHaveText(['Customers: 2 new']);
  await expect(question(page)).not.toContainText('review a preview');
  await expectAccessibleInBoth(page);
  await question(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(question(page)).toBeHidden();
  await names(page);
  await expect(row(page, 'Customers', 'Ben Oak')).toBeVisible();

  await open(page, '/settings/data');
  await kept(page, 'By you').getByRole('button', { name: /^Restore the backup of/ }).click();
  await agree(page);
  await expect(kept(page, 'Before a restore')).toContainText('3 customers');
  await names(page);
  await expect(row(page, 'Customers', 'Ben Oak')).toBeHidden();

  await open(page, '/settings/data');
  await kept(page, 'Before a restore').getByRole('button', { name: /^Restore the backup of/ }).click();
  await agree(page);
  await expect(kept(page, 'Before a restore')).toHaveCount(2);
  await names(page);
  await expect(row(page, 'Customers', 'Ben Oak')).toBeVisible();
  await expect(row(page, 'Customers', 'Cora Birch')).toBeVisible();
});

test('with a vendor connected, the question says that nothing is sent unseen, and the sync waits', async ({ app: page, bridge }) => {
  await connectWithKeys(page, 'Stripe');
  await untilIdle(bridge);
  await backUp(page, bridge);
  await kept(page, 'By you').getByRole('button', { name: /^Restore the backup of/ }).click();
  await expect(question(page)).toContainText('Nothing was changed here since.');
  await expect(question(page)).toContainText('Nothing is sent until you review a preview');
  await expectAccessible(page);
  await agree(page);
  await expect(kept(page, 'Before a restore')).toHaveCount(1);
  await open(page, '/sync/preview');
  await expect(page.getByRole('region', { name: 'Summary of the preview' })).toContainText('Waits for you', { timeout: 40_000 });
});

test('what was said before does not lie over the buttons of a question', async ({ app: page, bridge }) => {
  await page.setViewportSize({ width: 640, height: 480 });
  await backUp(page, bridge);
  await kept(page, 'By you').getByRole('button', { name: /^Restore the backup of/ }).click();
  const restore = question(page).getByRole('button', { name: 'Restore', exact: true });
  await restore.scrollIntoViewIfNeeded();
  const layers = await page.evaluate(() => {
    const layer = (selector: string) => Number(getComputedStyle(document.querySelector(selector) ?? document.body).zIndex);
    return { said: layer('.mantine-Notifications-root'), asked: layer('.mantine-Modal-overlay') };
  });
  expect(layers.said).toBeLessThan(layers.asked);
  await expect(restore).toBeEnabled();
  await restore.click({ trial: true });
});

test('a backup that can’t be used says why and is not offered', async ({ app: page, bridge }) => {
  await backUp(page, bridge);
  writeFileSync(`${bridge.started.data_dir}/backups/daily-2020-02-02.sqlite`, 'this was a backup once '.repeat(400));
  await open(page, '/home');
  await open(page, '/settings/data');
  const damaged = kept(page, "It can't be used");
  await expect(damaged).toHaveCount(1);
  await expect(damaged).not.toContainText('the data file is damaged');
  await expect(damaged.getByRole('button')).toHaveCount(0);
  await expect(kept(page, 'By you').getByRole('button')).toHaveCount(1);
  await expectAccessible(page);
});
