// The first minute: three answers, then an app that works with no connection at all; or a file that can't be opened.
import { expect, expectAccessible, test } from './fixtures.js';

test('the first start asks for three things and then opens the app', async ({ fresh: page, bridge }) => {
  await expect(page.getByRole('heading', { name: 'Welcome to Backroom' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Company name').fill('Harbor & Pine Coffee Supply');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('heading', { name: 'Harbor & Pine Coffee Supply' })).toBeVisible();
  await expect(page.getByText('First steps')).toBeVisible();
  const status = await bridge.command<{ company: { currency: string; time_zone: string } }>('app_status');
  expect(status.company).toMatchObject({ currency: 'USD', time_zone: 'America/New_York' });
});

test('a company without a name is refused beside its field', async ({ fresh: page }) => {
  await page.getByRole('button', { name: 'Start' }).click();
  const name = page.getByLabel('Company name');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toBeFocused();
  await expectAccessible(page);
});

test('the app is the same after a reload', async ({ app: page }) => {
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Harbor & Pine' })).toBeVisible();
});

test('a data file that cannot be opened is said in words, and nothing is asked of the app', async ({ page, bridge }) => {
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/__bridge/invoke/') && asked.push(request.url()));
  const message = 'The file backroom.sqlite3 is damaged: page 7 does not match its checksum.';
  await page.goto(`${bridge.started.url}/#/cannot-open?${new URLSearchParams({ code: 'file_corrupt', message }).toString()}`);
  await expect(page.getByRole('heading', { name: 'The data file is damaged' })).toBeVisible();
  await expect(page.getByText(message)).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${bridge.started.url}/#/cannot-open?code=file_too_new&message=`);
  await expect(page.getByRole('heading', { name: 'The data file is from a newer Backroom' })).toBeVisible();
  expect(asked).toEqual([]);
});
