// Opens the page in Chromium, from the file system and without any name server, and looks for everything that must be found
// there. The task is the JSON file that the first argument names; the answer is JSON: what was seen, and the findings.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const task = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const findings = [];
const seen = [];
const url = pathToFileURL(task.page).href;

const browser = await chromium.launch({
  executablePath: task.browser,
  // An own sandbox is not to be had as root, and the page is ours.
  chromiumSandbox: false,
  args: ['--host-resolver-rules=MAP * ~NOTFOUND', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update',
    '--disable-background-networking', '--disable-sync'],
});

// A page that reports whatever it asks for or complains of.
async function open(width, height) {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  // The search waits until somebody has typed; here nobody has to be waited for.
  await page.addInitScript(() => {
    const later = setTimeout;
    globalThis.setTimeout = (what, delay, ...rest) => later(what, delay === 400 ? 0 : delay, ...rest);
  });
  const requests = [];
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && request.url().split('#')[0] !== url) requests.push(request.url());
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) findings.push(`${width} wide: the console says: ${message.text()}`);
  });
  context.on('weberror', (error) => findings.push(`${width} wide: the page fails: ${error.error()}`));
  await page.goto(url);
  await page.waitForSelector('html[data-drawn=yes]', { state: 'attached', timeout: 60_000 });
  return { page, requests, close: async () => {
    findings.push(...requests.map((request) => `${width} wide: the page asked the network for ${request}`));
    seen.push(`${width} wide: ${requests.length} requests left the page`);
    await context.close();
  } };
}

async function picture(page, name) {
  if (task.pictures) await page.screenshot({ path: `${task.pictures}/${name}.png` });
}

// Which of the questions the search of the page does not answer, each with the words and the title that must come of them.
// All of it happens inside the page, because a trip into it takes longer than a search.
async function unanswered(page, questions) {
  return page.evaluate(async (questions) => {
    const input = document.querySelector('[role=search] input');
    const type = (words) => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, words);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const titles = () => [...document.querySelectorAll('[data-role="search:results"] [role=menuitem]')].map((one) => one.innerText);
    const until = async (holds, patience) => {
      for (const end = performance.now() + patience; performance.now() < end;) {
        if (holds()) return true;
        await new Promise((resume) => setTimeout(resume, 5));
      }
      return false;
    };
    const open = [];
    for (const { words, title, patience } of questions) {
      type('');
      await until(() => titles().length === 0, 5_000);
      type(words);
      if (!(await until(() => titles().some((one) => one.includes(title)), patience ?? 5_000))) open.push(words);
    }
    type('');
    return open;
  }, questions);
}

async function wide() {
  const { page, close } = await open(1440, 900);
  await picture(page, 'wide-top');
  const text = await page.evaluate(() => document.body.innerText);
  const visible = (words, what) => {
    if (!text.includes(words)) findings.push(`${what} ${words} is not in the text of the page`);
  };
  for (const operation of task.operations) {
    visible(operation.id, 'the operationId');
    visible(operation.summary, 'the summary');
    visible(operation.path, 'the path');
  }
  for (const { code } of task.codes) visible(code, 'the error code');
  seen.push(`In the text: ${task.operations.length} operations by name, summary and path, ${task.codes.length} error codes`);

  // The samples are tabs, of which one is open.
  const shown = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('[data-section-id*="/operation/"]')].map(
    (one) => [one.dataset.sectionId.split('/').pop(), [...one.querySelectorAll('[role=tab]')].map((tab) => tab.innerText)])));
  for (const { id } of task.operations) {
    const missing = task.samples.filter((label) => !shown[id]?.includes(label));
    if (missing.length > 0) findings.push(`the operation ${id} shows no sample in ${missing.join(', ')}`);
  }
  seen.push(`Beside the requests: ${task.operations.length} operations, each in ${task.samples.join(', ')}`);

  const questions = task.operations.map(({ id, summary }) => ({ words: id, title: summary }));
  questions.push(...task.codes.map(({ code, title }) => ({ words: code, title })));
  const lost = await unanswered(page, questions);
  findings.push(...lost.map((words) => `the search of the page does not find ${words}`));
  const nonsense = await unanswered(page, [{ words: 'nothing-is-called-so', title: '', patience: 500 }]);
  if (nonsense.length === 0) findings.push('the search of the page finds what is not there');
  seen.push(`By the search: ${task.operations.length} operations, ${task.codes.length} error codes`);

  const dangling = await page.evaluate(() => {
    const places = new Set([...document.querySelectorAll('[data-section-id]')].map((one) => one.dataset.sectionId));
    const links = [...document.querySelectorAll('#redoc a[href^="#"]')].map((one) => one.getAttribute('href').slice(1));
    return { count: links.length, bad: [...new Set(links.filter((to) => to && !places.has(to) && !document.getElementById(to)))] };
  });
  findings.push(...dangling.bad.map((to) => `a link leads to #${to}, which is not in the page`));
  seen.push(`${dangling.count} links within the page lead somewhere`);

  const { code } = task.codes[0];
  await page.locator(`a[href="#error-${code}"]`).first().click();
  // A machine that is busy scrolls late.
  const showsRow = await page.waitForFunction((id) => {
    const box = document.getElementById(id).getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  }, `error-${code}`, { timeout: 10000 }).then(() => true, () => false);
  if (!showsRow) findings.push(`the link to the error code ${code} does not show its row`);
  await picture(page, 'wide-error-code');
  for (const name of ['createServer', 'stopServer']) {
    await page.evaluate((id) => document.querySelector(`[data-section-id$="operation/${id}"]`)?.scrollIntoView(), name);
    await page.waitForTimeout(300);
    await picture(page, `wide-${name}`);
  }
  await samples(page, 'wide');
  await close();
}

// One operation with the sample of each language open, and what all samples begin with.
async function samples(page, width) {
  const operation = page.locator('[data-section-id$="operation/createServer"]');
  for (const label of task.samples) {
    const tab = operation.getByRole('tab', { name: label, exact: true });
    await tab.click();
    await tab.evaluate((one) => one.scrollIntoView());
    await picture(page, `${width}-sample-${label}`);
  }
  await page.evaluate(() => document.querySelector('[data-section-id="section/Code-samples"]')?.scrollIntoView());
  await picture(page, `${width}-samples-begin`);
}

async function narrow() {
  const { page, close } = await open(390, 844);
  await picture(page, 'narrow-top');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 390) findings.push(`390 wide: the page is ${wide} wide, so it scrolls sideways`);
  for (const name of ['createServer', 'stopServer']) {
    await page.evaluate((id) => document.querySelector(`[data-section-id$="operation/${id}"]`)?.scrollIntoView(), name);
    await page.waitForTimeout(300);
    await picture(page, `narrow-${name}`);
  }
  await page.evaluate(() => document.getElementById('error-SERVER_STATE_ILLEGAL')?.scrollIntoView());
  await picture(page, 'narrow-error-code');
  await samples(page, 'narrow');
  await close();
}

try {
  await wide();
  await narrow();
} catch (error) {
  // What was found before says why.
  findings.push(`the look at the page ended early: ${error.message.split('\n')[0]}`);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ seen, findings }));
