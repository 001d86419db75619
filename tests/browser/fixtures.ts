// What every test starts with: a bridge process, a page on it, and words for what an owner does.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the bridge prints when it is ready. */
type Started = {
  url: string;
  data_dir: string;
  vendors: { base_url: string; quickbooks: { client_id: string; client_secret: string; redirect_uri: string; realm_id: string } };
};

export class Bridge {
  constructor(
    readonly started: Started,
    private readonly child: ChildProcess,
  ) {}

  static async start(seed: string, more: string[]): Promise<Bridge> {
    const program = process.env['BACKROOM_BRIDGE'] ?? `${root}/target/debug/backroom-bridge`;
    const child = spawn(program, ['--seed', seed, '--ui', `${root}/ui/dist`, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    const first = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the bridge ended with ${code}`)));
    });
    return new Bridge(JSON.parse(first) as Started, child);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  /** Runs a command of the app by name, as the page would. */
  async command<T = unknown>(name: string, args: object = {}): Promise<T> {
    const answer = await fetch(`${this.started.url}/__bridge/invoke/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
    const reply = (await answer.json()) as { ok: boolean; value: T; error: unknown };
    if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`);
    return reply.value;
  }

  /** Pages the app asked the owner's browser to open. */
  async opened(): Promise<string[]> {
    return (await (await fetch(`${this.started.url}/__bridge/opened`)).json()) as string[];
  }

  /** Hands a link to the app, as the system does when a browser follows it. */
  async link(link: string): Promise<void> {
    await fetch(`${this.started.url}/__bridge/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ link }),
    });
  }

  /** Talks to the simulators' control interface. */
  async control<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.started.vendors.base_url}/__control/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

type Fixtures = {
  /** What the simulated vendors hold at first. */
  seed: string;
  /** Further arguments of the bridge. */
  bridgeArguments: string[];
  bridge: Bridge;
  fresh: Page;
  app: Page;
};

export const test = base.extend<Fixtures>({
  seed: ['demo', { option: true }],
  bridgeArguments: [[], { option: true }],
  bridge: async ({ seed, bridgeArguments }, use) => {
    const bridge = await Bridge.start(seed, bridgeArguments);
    await use(bridge);
    bridge.stop();
  },
  /** The app as it opens for the first time. */
  fresh: async ({ page, bridge }, use) => {
    await withoutFaults(page, async () => {
      await page.goto(bridge.started.url);
      await use(page);
    });
  },
  /** The app of a company that has been set up. */
  app: async ({ page, bridge }, use) => {
    await bridge.command('set_up_company', {
      setup: { name: 'Harbor & Pine', currency: 'USD', time_zone: 'America/New_York' },
    });
    await withoutFaults(page, async () => {
      await page.goto(bridge.started.url);
      await expect(page.getByRole('navigation').first()).toBeVisible();
      await use(page);
    });
  },
});

/** Whatever a test does, the page's own script neither throws nor complains. */
async function withoutFaults(page: Page, work: () => Promise<void>): Promise<void> {
  const faults: string[] = [];
  page.on('pageerror', (fault) => faults.push(String(fault)));
  page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
  await work();
  expect(faults, 'no script fault on the page').toEqual([]);
}

export { expect };

/** Goes to a page of the app by its path. */
export async function open(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, path);
}

/** Nothing that axe knows of keeps anyone out; with `rules`, only these are looked at. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  // Shapes that fade in are measured too pale while they do. A spinner never ends.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    return Promise.all(ending.map((animation) => animation.finished.catch(() => undefined)));
  });
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(found, 'axe finds nothing').toEqual([]);
}

/** Types into a picker and takes an option. */
export async function pick(page: Page, label: string, words: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).fill(words);
  await page.getByRole('option', { name: option }).first().click();
}

/** Takes one of a few choices. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option }).click();
}

/** The row of a list that shows this text. */
export function row(page: Page, list: string, text: string | RegExp): Locator {
  return page.getByRole('grid', { name: list }).getByRole('row').filter({ hasText: text });
}

/** The panel of one record beside its list. */
export function panel(page: Page, title: string | RegExp): Locator {
  return page.getByRole('complementary', { name: title });
}

export const noAddress = { name: '', company: '', line1: '', line2: '', city: '', region: '', postal_code: '', country: '', phone: '' };

/** Adds a customer behind the page and returns its id. */
export async function addCustomer(bridge: Bridge, name: string): Promise<string> {
  const id = crypto.randomUUID();
  const contact = { display_name: name, company: '', email: '', phone: '', notes: '', terms_id: null };
  await bridge.command('save_customer', { draft: { id, version: null, ...contact, billing: noAddress, shipping: noAddress } });
  return id;
}

/** Adds a counted item behind the page and returns its id. */
export async function addItem(bridge: Bridge, sku: string, name: string, price: string, more: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  const money = { unit_price: price, unit_cost: '', tax_code_id: null, reorder_point: '', opening_quantity: '10' };
  await bridge.command('save_item', { draft: { id, version: null, sku, name, description: '', barcode: '', kind: 'stocked', ...money, ...more } });
  return id;
}

/** Adds an open invoice of one line behind the page and returns its id and number. */
export async function addInvoice(bridge: Bridge, customer: string, price: string): Promise<{ id: string; number: string }> {
  const draft = await bridge.command<{ id: string; lines: object[] }>('new_invoice', { source: { type: 'customer', id: customer } });
  const line = { id: crypto.randomUUID(), item_id: null, description: 'Repair', quantity: '1', unit_price: price, discount: '', tax_code_id: null };
  const saved = await bridge.command<{ draft: { id: string; number: string } }>('save_invoice', { draft: { ...draft, lines: [line] } });
  return { id: saved.draft.id, number: saved.draft.number };
}

/** The same in light and in dark colours. */
export async function expectAccessibleInBoth(page: Page): Promise<void> {
  await paint(page, 'light');
  await expectAccessible(page);
  await paint(page, 'dark');
  await expectAccessible(page, ['color-contrast', 'link-in-text-block']);
  await paint(page, 'light');
}

/** Sets the system's colours and waits until the page has taken them on. */
async function paint(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
}

type Vendor = { id: string; name: string; fields: { id: string; practice_value: string | null }[]; redirect_uri: string | null };

/** Connects all vendors behind the page and waits for what they bring. */
export async function connectAll(page: Page, bridge: Bridge): Promise<void> {
  for (const { id, name, fields, redirect_uri } of await bridge.command<Vendor[]>('list_vendors')) {
    const typed = fields.map((field) => ({ id: field.id, value: field.practice_value ?? '' }));
    const draft = { vendor: id, connection_id: null, environment: 'practice', fields: typed, endpoints: [], redirect_uri };
    if (redirect_uri === null) {
      await bridge.command('connect_with_keys', { draft });
    } else {
      const { authorize_url: address } = await bridge.command<{ authorize_url: string }>('start_sign_in', { draft });
      await bridge.link(await answerConsent(page, address, 'Allow'));
    }
    await approveFirstSync(page, name);
    await untilIdle(bridge);
  }
}

/** Waits for the preview of a new connection's first sync, and says yes to all of it as an owner who never looks. */
export async function approveFirstSync(page: Page, vendor: string): Promise<void> {
  await page.evaluate(async (name) => {
    const invoke = async (command: string, args: object) => {
      const answer = await fetch(`/__bridge/invoke/${command}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(args),
      });
      return (await answer.json()) as { ok: boolean; value: never };
    };
    type Plan = { id: string; state: string; parts: { vendor_name: string; asks: boolean }[] };
    const begun = Date.now();
    while (Date.now() < begun + 40_000) {
      const { value } = await invoke('sync_plans', {});
      const { plans, asking } = value as { plans: Plan[]; asking: string[] };
      // A connection that was synced before is only signed in again, and nothing asks.
      if (asking.length === 0 && Date.now() > begun + 2_000) return;
      const first = plans.find((plan) => plan.state === 'ready' && plan.parts.some((part) => part.vendor_name === name && part.asks));
      if (first && (await invoke('run_plan', { planId: first.id, withoutAsking: true })).ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no preview of ${name}`);
  }, vendor);
}

type First = { approve?: boolean };

/** Connects ShipStation or Stripe to its stand-in with one click. */
export async function connectWithKeys(page: Page, vendor: 'ShipStation' | 'Stripe', { approve = true }: First = {}): Promise<void> {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: `Connect ${vendor}` }).click();
  await page.getByRole('button', { name: 'Check and connect' }).click();
  await expect(page.getByRole('article', { name: vendor })).toContainText('Connected');
  if (approve) await approveFirstSync(page, vendor);
}

/** Begins connecting QuickBooks and returns the address its consent page lies at. */
export async function beginQuickBooks(page: Page, bridge: Bridge): Promise<string> {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: /^(Connect|Add account at) QuickBooks$/ }).click();
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(page.getByText('Waiting for you to sign in')).toBeVisible();
  const pages = await bridge.opened();
  return pages.at(-1) ?? '';
}

/** Answers the consent page as a person does, in a page of its own, and returns the link that opens the app. */
export async function answerConsent(page: Page, address: string, answer: 'Allow' | 'Deny'): Promise<string> {
  const browser = await page.context().newPage();
  await browser.goto(address);
  // The bounce page tries to open the app at once, which no browser under test can; the click must not wait for that.
  await browser.getByRole('button', { name: answer }).click({ noWaitAfter: true });
  const link = browser.getByRole('link', { name: 'Open Backroom' });
  await expect(link).toHaveAttribute('href', /^backroom:/);
  const href = await link.getAttribute('href');
  await browser.close();
  return href ?? '';
}

/** Connects QuickBooks to its stand-in: consent in the browser, then the link. */
export async function connectQuickBooks(page: Page, bridge: Bridge, { approve = true }: First = {}): Promise<void> {
  const link = await answerConsent(page, await beginQuickBooks(page, bridge), 'Allow');
  await bridge.link(link);
  await expect(page.getByRole('article', { name: 'QuickBooks' })).toContainText('Connected');
  if (approve) await approveFirstSync(page, 'QuickBooks');
}

type Run = { id: string } | null;

/** The run that ended last, once none is going on. */
async function endedRun(bridge: Bridge): Promise<string | null> {
  const { open_run: open, last_run: last } = await bridge.command<{ open_run: Run; last_run: Run }>('sync_status');
  return open === null ? (last?.id ?? 'none') : null;
}

/** Waits until no run is going on, such as the one that follows connecting. */
export async function untilIdle(bridge: Bridge): Promise<void> {
  await expect.poll(() => endedRun(bridge), { timeout: 30_000, intervals: [50] }).not.toBeNull();
}

/** Presses "Sync now" and waits until that run has ended. */
export async function syncNow(page: Page, bridge: Bridge): Promise<void> {
  await untilIdle(bridge);
  const before = await endedRun(bridge);
  const side = page.getByRole('region', { name: 'Sync', exact: true });
  await side.getByRole('button', { name: 'Sync now' }).click();
  await expect.poll(() => endedRun(bridge).then((run) => run ?? before), { timeout: 30_000, intervals: [50] }).not.toBe(before);
  await expect(side.getByRole('button', { name: 'Sync now' })).toBeEnabled();
}

/** Objects of a kind at a simulated vendor. */
export async function vendorHas<T = Record<string, unknown>>(bridge: Bridge, vendor: string, kind: string): Promise<T[]> {
  return (await bridge.control<Record<string, T[]>>('GET', `state/${vendor}`))[kind] ?? [];
}
