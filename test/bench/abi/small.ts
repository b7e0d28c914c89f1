import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {build, witOf} from '@forgeone/sdk/bindgen';

const wit = witOf(`package bench:small@1.0.0;
interface clock { now: func() -> u64; }
interface log { write: func(line: string); }
interface types { record note { title: string, text: string, at: u64 } }
interface store { use types.{note}; save: func(title: string, text: string) -> u32; find: func(title: string) -> option<note>; }
interface listing { use types.{note}; all: func() -> list<note>; }
world small { import clock; import log; export store; export listing; }`);

/** A store of notes. */
const source = `import {now} from './bindings/imports/clock';
import {write} from './bindings/imports/log';
import * as Types from './bindings/imports/types';

const notes: Types.Note[] = [];

export namespace store {
	export function save(title: string, text: string): u32 {
		notes.push(new Types.Note(title, text, now()));
		write(title);
		return notes.length;
	}

	export function find(title: string): Types.Note | null {
		for (let i = 0; i < notes.length; i++) if (notes[i].title == title) return notes[i];
		return null;
	}
}

export namespace listing {
	export function all(): Types.Note[] {
		return notes;
	}
}
`;

/** A component of about 5 kB in AssemblyScript, with several interfaces, as authors build it. */
export async function small(): Promise<Uint8Array> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-small-'));
	try {
		const file = join(folder, 'app.ts');
		await writeFile(file, source);
		return await build({wit, source: file, runtime: 'minimal'});
	} finally {
		await rm(folder, {recursive: true});
	}
}
