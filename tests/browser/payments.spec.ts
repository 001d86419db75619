// Payments typed in by hand: in full, in part, over several invoices, too much, and taken back.
import { addCustomer, addInvoice, expect, expectAccessible, open, panel, pick, row, test } from './fixtures.js';

test('a payment recorded from an invoice pays it in full', async ({ app: page, bridge }) => {
  const { id, number } = await addInvoice(bridge, await addCustomer(bridge, 'Ada Pine'), '120');
  await open(page, `/invoices?open=${id}`);
  await page.getByRole('button', { name: 'Record a payment' }).click();
  const form = page.getByRole('dialog', { name: 'Record a payment' });
  await expect(form.getByRole('textbox', { name: 'Amount', exact: true })).toHaveValue('120.00');
  await expect(form.getByRole('textbox', { name: `Amount for invoice ${number}` })).toHaveValue('120.00');
  await form.getByRole('textbox', { name: 'Method' }).fill('Check');
  await form.getByRole('textbox', { name: 'Reference' }).fill('4711');
  await form.getByRole('button', { name: 'Record' }).click();
  await expect(panel(page, 'Payment of Ada Pine')).toContainText(number);
  await open(page, `/invoices?open=${id}`);
  await expect(row(page, 'Invoices', number)).toContainText('Paid');
  await expect(panel(page, `Invoice ${number}`)).toContainText('Check 4711');
});

test('one payment goes to several invoices and the rest stays as credit', async ({ app: page, bridge }) => {
  const customer = await addCustomer(bridge, 'Ada Pine');
  const first = await addInvoice(bridge, customer, '100');
  const second = await addInvoice(bridge, customer, '80');
  await open(page, '/payments?new=1');
  const form = page.getByRole('dialog', { name: 'Record a payment' });
  await pick(page, 'Customer', 'ada', 'Ada Pine');
  await form.getByRole('textbox', { name: 'Amount', exact: true }).fill('100+50');
  await form.getByRole('textbox', { name: `Amount for invoice ${first.number}` }).fill('100');
  await form.getByRole('textbox', { name: `Amount for invoice ${second.number}` }).fill('30');
  await form.getByRole('button', { name: 'Record' }).click();
  const payment = row(page, 'Payments', 'Ada Pine');
  await expect(payment).toContainText('$150.00');
  await open(page, '/payments?filter=unmatched');
  await expect(payment).toContainText('$20.00');
  await open(page, '/invoices');
  await expect(row(page, 'Invoices', first.number)).toContainText('Paid');
  await expect(row(page, 'Invoices', second.number)).toContainText('$50.00');
  await expect(row(page, 'Invoices', second.number)).toContainText('Partly paid');
});

test('a payment that promises more than it has is refused', async ({ app: page, bridge }) => {
  const customer = await addCustomer(bridge, 'Ada Pine');
  const { id, number } = await addInvoice(bridge, customer, '100');
  await open(page, `/payments?new=1&customer=${customer}&invoice=${id}`);
  const form = page.getByRole('dialog', { name: 'Record a payment' });
  await expect(form.getByRole('textbox', { name: `Amount for invoice ${number}` })).toHaveValue('100.00');
  await form.getByRole('textbox', { name: 'Amount', exact: true }).fill('60');
  await form.getByRole('button', { name: 'Record' }).click();
  await expect(form.getByRole('alert')).toBeVisible();
  await expectAccessible(page);
  await form.getByRole('textbox', { name: `Amount for invoice ${number}` }).fill('60');
  await form.getByRole('button', { name: 'Record' }).click();
  await expect(panel(page, 'Payment of Ada Pine')).toContainText('$60.00');
});

test('a cancelled payment opens its invoice again', async ({ app: page, bridge }) => {
  const customer = await addCustomer(bridge, 'Ada Pine');
  const { id, number } = await addInvoice(bridge, customer, '100');
  await open(page, `/payments?new=1&customer=${customer}&invoice=${id}`);
  const form = page.getByRole('dialog', { name: 'Record a payment' });
  await expect(form.getByRole('textbox', { name: `Amount for invoice ${number}` })).toHaveValue('100.00');
  await form.getByRole('button', { name: 'Record' }).click();
  const payment = panel(page, 'Payment of Ada Pine');
  await payment.getByRole('button', { name: 'Cancel the payment' }).click();
  const question = page.getByRole('dialog', { name: 'Cancel this payment?' });
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Cancel the payment' }).click();
  await expect(page.getByText('Payment cancelled')).toBeVisible();
  await expect(payment).toContainText('Cancelled');
  await open(page, '/invoices');
  await expect(row(page, 'Invoices', number)).toContainText('Open');
});
