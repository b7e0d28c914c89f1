import {Bell, Pollable, poll, type Readiness, until} from '@forgeone/sdk/cell';
import test from 'ava';

/** What is ready once it is told, and knows how many watch it. */
function made() {
	const bell = new Bell();
	let [ready, watchers] = [false, 0];
	const readiness: Readiness = {
		ready: () => ready,
		watch(wake) {
			watchers++;
			const end = bell.watch(wake);
			return () => {
				watchers--;
				end();
			};
		},
	};
	return {
		readiness,
		watchers: () => watchers,
		tell(now: boolean) {
			ready = now;
			bell.ring();
		},
	};
}

for (const count of [1, 3]) {
	test(`who waits for ${count} is woken by one that is ready, not by a bell alone, and watches none from then on`, async t => {
		const all = Array.from({length: count}, made);
		let woken = false;
		const waiting = until(...all.map(({readiness}) => readiness)).then(() => {
			woken = true;
		});
		all.at(-1)?.tell(false);
		await new Promise(resolve => setImmediate(resolve));
		t.deepEqual([woken, ...all.map(each => each.watchers())], [false, ...all.map(() => 1)]);
		all.at(-1)?.tell(true);
		await waiting;
		t.deepEqual(
			all.map(each => each.watchers()),
			all.map(() => 0),
		);
		await until(...all.map(({readiness}) => readiness));
		t.is(all.at(-1)?.watchers(), 0);
	});
}

test('a poll gives the places of all that are ready', async t => {
	const all = [made(), made(), made()];
	const found = poll(all.map(({readiness}) => new Pollable(readiness)));
	t.true(found instanceof Promise);
	all[2]?.tell(true);
	t.deepEqual([...(await found)], [2]);
	all[0]?.tell(true);
	t.deepEqual([...(await poll(all.map(({readiness}) => new Pollable(readiness))))], [0, 2]);
});
