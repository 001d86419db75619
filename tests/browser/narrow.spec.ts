// Small windows and zoomed ones: a window of 1280 at 200 percent has 640 pixels of the page's own, one of 1024 has 512. Nothing that an
// owner needs is cut off or out of reach there.
import type { Page } from '@playwright/test';
import { addCustomer, addInvoice, addItem, expect, expectAccessibleInBoth, open, panel, row, test } from './fixtures.js';

const LONG = 'Guðrún Sigurðardóttir & Daughters International Trading Company of Reykjavík';

/** Nothing is wider than the window, and the page itself does not scroll sideways. */
async function expectFits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'the page is no wider than its window').toBeLessThanOrEqual(0);
}

/** The text is drawn whole: neither cut by its box nor outside the window. */
async function expectWhole(page: Page, text: string): Promise<void> {
  await expect(page.getByText(text, { exact: true }).first()).toBeVisible();
  const cut = await page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
    const found: Element[] = [];
    while (walker.nextNode()) {
      const element = walker.currentNode as HTMLElement;
      const own = element.textContent?.replaceAll(' ', ' ').trim();
      if (own === wanted && element.checkVisibility()) found.push(element);
    }
    const problem = (element: Element) => {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.left < 0 || box.right > window.innerWidth + 0.5) return 'outside the window';
      for (let around: Element | null = element; around; around = around.parentElement) {
        if (getComputedStyle(around).overflowX === 'visible') continue;
        const edge = around.getBoundingClientRect();
        if (box.right > edge.right + 0.5 || box.left < edge.left - 0.5) return `cut by ${around.className || around.tagName}`;
        if (around.scrollWidth > around.clientWidth + 1 && getComputedStyle(around).textOverflow === 'ellipsis') return 'shortened';
      }
      return null;
    };
    const inner = found.filter((element) => !found.some((other) => other !== element && element.contains(other)));
    if (inner.length === 0) return 'not there';
    return inner.map(problem).every((one) => one !== null) ? problem(inner[0]!) : null;
  }, text);
  expect(cut, `${text} is whole`).toBeNull();
}

for (const [name, width, height] of [
  ['1280 × 800 at 200 percent', 640, 400],
  ['1024 × 700 at 200 percent', 512, 350],
  ['800 × 600', 800, 600],
  ['1024 × 700', 1024, 700],
  ['320 wide, as the accessibility guidelines ask', 320, 640],
] as const) {
  test(`navigation, names, dates, statuses and amounts are in reach at ${name}`, async ({ app: page, bridge }) => {
    const id = await addCustomer(bridge, LONG);
    const invoice = await addInvoice(bridge, id, '123456.78');
    await addItem(bridge, 'MUG-01', 'Stoneware mug', '18.00');
    await page.setViewportSize({ width, height });
    for (const area of ['Home', 'Orders', 'Invoices', 'Customers', 'Inventory', 'Payments', 'Sync', 'Reports', 'Settings']) {
      const link = page.getByRole('link', { name: area, exact: true });
      await link.click();
      await expect(link).toHaveAttribute('aria-current', 'page');
      await expectFits(page);
    }
    await open(page, '/invoices');
    const line = row(page, 'Invoices', invoice.number);
    await expect(line).toContainText('Open');
    await expectWhole(page, '$123,456.78');
    await expectWhole(page, 'Open');
    await line.click();
    await expect(panel(page, `Invoice ${invoice.number}`)).toBeVisible();
    await expectFits(page);
    const shown = panel(page, `Invoice ${invoice.number}`);
    await expect(shown.getByRole('button', { name: 'Close details' })).toBeInViewport();
    await expect(shown.getByRole('button', { name: 'Edit' })).toBeInViewport();
    await expectAccessibleInBoth(page);
    await shown.getByRole('button', { name: 'Close details' }).click();
    await expect(line).toBeVisible();

    await open(page, '/invoices/new');
    for (const field of ['Quantity, line 1', 'Price, line 1', 'Description, line 1']) {
      const box = page.getByRole('textbox', { name: field });
      await box.scrollIntoViewIfNeeded();
      await expect(box).toBeInViewport({ ratio: 0.9 });
    }
    await page.getByRole('textbox', { name: 'Price, line 1' }).fill('99');
    await expect(page.getByLabel('Totals')).toContainText('$99.00');
    await expectFits(page);
  });
}

test('at 1024 with a panel open, the list beside it still shows what matters', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, LONG);
  const invoice = await addInvoice(bridge, id, '123456.78');
  await page.setViewportSize({ width: 1024, height: 700 });
  await open(page, `/invoices?open=${invoice.id}`);
  const beside = panel(page, `Invoice ${invoice.number}`);
  await expect(beside).toBeVisible();
  const line = row(page, 'Invoices', invoice.number);
  const [list, side] = [await line.boundingBox(), await beside.boundingBox()];
  expect(list!.x + list!.width, 'the list ends where the panel begins').toBeLessThanOrEqual(side!.x + 1);
  await expect(line).toContainText('Open');
  await expect(line).toContainText('$123,456.78');
});

test('an absurdly large amount keeps all of its figures', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Big Spender');
  await addInvoice(bridge, id, '9999999999999.99');
  await open(page, '/invoices');
  await expectWhole(page, '$9,999,999,999,999.99');
  await page.setViewportSize({ width: 640, height: 400 });
  await expectWhole(page, '$9,999,999,999,999.99');
  await open(page, '/home');
  await expectWhole(page, '$9,999,999,999,999.99');
});

test('names of two directions keep their order and their column', async ({ app: page, bridge }) => {
  const mixed = 'סטודיו Tidewater (2)';
  await addCustomer(bridge, mixed);
  await open(page, '/customers');
  const cell = page.getByRole('gridcell', { name: mixed, exact: true });
  await expect(cell).toHaveAttribute('dir', 'auto');
  await row(page, 'Customers', mixed).click();
  await expect(page.getByRole('heading', { name: mixed })).toHaveAttribute('dir', 'auto');
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).first()).toHaveCSS('unicode-bidi', 'plaintext');
});
