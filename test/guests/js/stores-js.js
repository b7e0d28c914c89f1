/** A command that counts in the store of keys and values which its argument names how often it ran. */
import {getArguments} from 'wasi:cli/environment@0.2.0';
import {getStdout} from 'wasi:cli/stdout@0.2.0';
import {Cas, increment, swap} from 'wasi:keyvalue/atomics@0.2.0-draft2';
import {getMany} from 'wasi:keyvalue/batch@0.2.0-draft2';
import {open} from 'wasi:keyvalue/store@0.2.0-draft2';

const encode = text => Uint8Array.from(text, letter => letter.charCodeAt(0));
const decode = bytes => String.fromCharCode(...bytes);
const print = text => getStdout().blockingWriteAndFlush(encode(`${text}\n`));

const keyvalue = name => {
	const bucket = open(name);
	print(`ran ${increment(bucket, 'runs', 1)} times`);
	bucket.set('greeting', encode('hello'));
	swap(Cas.new(bucket, 'greeting'), encode('hi'));
	print(
		getMany(bucket, ['greeting', 'none'])
			.map(pair => (pair ? `${pair[0]}=${decode(pair[1])}` : 'nothing'))
			.join(),
	);
	print(bucket.listKeys(undefined).keys.join());
};

export const run = {
	run() {
		const [, name] = getArguments();
		try {
			keyvalue(name);
		} catch (error) {
			const {payload = error} = error;
			print(`failed: ${payload.tag ?? payload}`);
			throw undefined;
		}
	},
};
