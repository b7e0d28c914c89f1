import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';

const script = join(import.meta.dirname, 'support/soak.ts');

/** What a process of its own grew by, in bytes. */
async function grown(what: 'instances' | 'calls' | 'tasks', count: number): Promise<{heap: number; rss: number}> {
	const {stdout} = await promisify(execFile)(process.execPath, ['--conditions=development', script, what, String(count)]);
	return JSON.parse(stdout);
}

/** Growth that is no leak: V8 compiles as it goes, and a heap is not returned page by page. */
const most = {heap: 2 ** 20, rss: 16 * 2 ** 20};

test('100,000 instances that are made, called and dropped leave heap and process as they were', async t => {
	t.timeout(400_000);
	const {heap, rss} = await grown('instances', 100_000);
	t.true(heap < most.heap, `${heap} bytes more on the heap`);
	t.true(rss < most.rss, `${rss} bytes more in the process`);
});

test('10,000,000 calls, and 1,000,000 with strings and resources, leave heap and process as they were', async t => {
	t.timeout(400_000);
	const {heap, rss} = await grown('calls', 10_000_000);
	t.true(heap < most.heap, `${heap} bytes more on the heap`);
	t.true(rss < most.rss, `${rss} bytes more in the process`);
});

test('40,000 tasks whose instances end while they are suspended leave no stack behind, of which V8 has room for fewer', async t => {
	const {heap, rss} = await grown('tasks', 40);
	t.true(heap < most.heap, `${heap} bytes more on the heap`);
	t.true(rss < most.rss, `${rss} bytes more in the process`);
});
