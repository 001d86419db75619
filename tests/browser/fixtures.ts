// What every test starts with: a bridge process, a page on it, and words for what an owner does.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
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

  static async start(seed: string): Promise<Bridge> {
    const program = process.env['BACKROOM_BRIDGE'] ?? `${root}/target/debug/backroom-bridge`;
    const child = spawn(program, ['--seed', seed, '--ui', `${root}/ui/dist`], { stdio: ['ignore', 'pipe', 'inherit'] });
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

export const test = base.extend<{ seed: string; bridge: Bridge; fresh: Page; app: Page }>({
  seed: ['demo', { option: true }],
  bridge: async ({ seed }, use) => {
    const bridge = await Bridge.start(seed);
    await use(bridge);
    bridge.stop();
  },
  /** The app as it opens for the first time. */
  fresh: async ({ page, bridge }, use) => {
    const faults: string[] = [];
    page.on('pageerror', (fault) => faults.push(String(fault)));
    await page.goto(bridge.started.url);
    await use(page);
    expect(faults, 'no script fault on the page').toEqual([]);
  },
  /** The app of a company that has been set up. */
  app: async ({ page, bridge }, use) => {
    await bridge.command('set_up_company', {
      setup: { name: 'Harbor & Pine', currency: 'USD', time_zone: 'America/New_York' },
    });
    const faults: string[] = [];
    page.on('pageerror', (fault) => faults.push(String(fault)));
    await page.goto(bridge.started.url);
    await expect(page.getByRole('navigation').first()).toBeVisible();
    await use(page);
    expect(faults, 'no script fault on the page').toEqual([]);
  },
});

export { expect };

/** Goes to a page of the app by its path. */
export async function open(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, path);
}

/** Nothing that axe knows of keeps anyone out. */
export async function expectAccessible(page: Page): Promise<void> {
  // Shapes that fade in are measured too pale while they do.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(found, 'axe finds nothing').toEqual([]);
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
    const until = Date.now() + 40_000;
    while (Date.now() < until) {
      const { value } = await invoke('sync_plans', {});
      const { plans } = value as { plans: Plan[] };
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
  await expect(page.getByText('is connected.')).toBeVisible();
  if (approve) await approveFirstSync(page, vendor);
}

/** Begins connecting QuickBooks and returns the address its consent page lies at. */
export async function beginQuickBooks(page: Page, bridge: Bridge): Promise<string> {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: 'Connect QuickBooks', exact: false }).first().click();
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(page.getByText('Waiting for you to sign in')).toBeVisible();
  const pages = await bridge.opened();
  return pages.at(-1) ?? '';
}

/** Answers the consent page as a person does, in a page of its own, and returns the link that opens the app. */
export async function answerConsent(page: Page, address: string, answer: 'Allow' | 'Deny'): Promise<string> {
  const browser = await page.context().newPage();
  await browser.goto(address);
  await browser.getByRole('button', { name: answer }).click();
  const link = browser.getByRole('link', { name: 'Open Backroom' });
  const href = await link.getAttribute('href');
  await browser.close();
  return href ?? '';
}

/** Connects QuickBooks to its stand-in: consent in the browser, then the link. */
export async function connectQuickBooks(page: Page, bridge: Bridge, { approve = true }: First = {}): Promise<void> {
  const link = await answerConsent(page, await beginQuickBooks(page, bridge), 'Allow');
  await bridge.link(link);
  await expect(page.getByText('is connected.')).toBeVisible();
  if (approve) await approveFirstSync(page, 'QuickBooks');
}

/** Presses "Sync now" and waits until the run has ended. */
export async function syncNow(page: Page): Promise<void> {
  const side = page.getByRole('region', { name: 'Sync', exact: true }).first();
  await side.getByRole('button', { name: 'Sync now' }).click();
  await expect(side.getByRole('button', { name: 'Sync now' })).toBeEnabled({ timeout: 40_000 });
}
