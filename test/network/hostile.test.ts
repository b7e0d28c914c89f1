import test from 'ava';
import {answer, networkOf} from '../support/network.ts';

const fine = JSON.stringify({status: 200, headers: ['x', 'y']});

for (const [what, say] of [
	['gives up with the beginning of JSON', {cancel: '{"code":'}],
	['gives up with JSON of another shape', {cancel: '{"code":1,"reason":{"toString":1}}'}],
	['gives up with what looks like another answer', {cancel: 'x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'}],
	['answers with no JSON', {head: '{'}],
	['answers with nothing', {head: 'null'}],
	['answers with a status that is text', {head: '{"status":"200","headers":[]}'}],
	['answers with headers that are none', {head: '{"status":200,"headers":{"x":"y"}}'}],
	['answers with an odd number of headers', {head: '{"status":200,"headers":["x"]}'}],
	['answers with headers that are numbers', {head: '{"status":200,"headers":[1,2]}'}],
	['answers with a header that holds another', {head: JSON.stringify({status: 200, headers: ['x', 'y\r\nset-cookie: z']})}],
	['answers with early hints that are none', {head: '{"status":200,"headers":[],"early":[null]}'}],
	['ends with a trailer that is no JSON', {head: fine, trailer: '['}],
	['ends with a trailer that is a number', {head: fine, trailer: '1'}],
	['ends with half a trailer', {head: fine, trailer: '["x"]'}],
	['ends with a trailer that holds another answer', {head: fine, trailer: JSON.stringify(['x', 'y\r\n\r\nHTTP/1.1 200 OK'])}],
] as const) {
	test(`A11: where a cell ${what}, the client is not told that all is well, and the next request is answered`, async t => {
		let turn = 0;
		const {publish} = await networkOf(t, async (_, call) => {
			if (turn++ > 0) return answer(call, 200, [], 'fine');
			if ('cancel' in say) return call.cancel(say.cancel);
			await call.answer(say.head);
			await call.finish('trailer' in say ? say.trailer : undefined);
		});
		const url = `http://127.0.0.1:${await publish()}/`;
		const ask = async () => {
			const response = await fetch(url);
			return {status: response.status, cookie: response.headers.get('set-cookie'), body: await response.text()};
		};
		if ('trailer' in say) await t.throwsAsync(ask());
		else t.like(await ask(), {status: 502, cookie: null});
		t.is((await ask()).body, 'fine');
	});
}
