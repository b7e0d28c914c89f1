import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type BuildOptions, build, witOf} from '@forgeone/sdk/bindgen';

/** The component of a WIT and a module, which lies in a folder of its own. */
export async function assembled(wit: string, source: string, options: Partial<BuildOptions> = {}): Promise<Uint8Array> {
	const file = join(await mkdtemp(join(tmpdir(), 'forge-assembly-')), 'app.ts');
	await writeFile(file, source);
	return build({wit: witOf(wit), source: file, ...options});
}
