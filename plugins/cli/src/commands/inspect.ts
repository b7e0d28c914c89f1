import {ForgeCommand, json} from '../command.ts';
import {containerArg} from '../each.ts';
import {withEngine} from '../engine.ts';
import {printJson} from '../text.ts';

/** As many decisions as are kept. */
const ALL = 1_000;

export default class Inspect extends ForgeCommand {
	static override summary = 'Show all there is to know about a container';
	static override description =
		'With what it asked for, what policy granted, and what it was refused since, each with the flag that would have granted it.';
	static override examples = ['<%= config.bin %> inspect web'];
	static override args = containerArg;
	static override flags = {json};

	override async run(): Promise<void> {
		const {args} = await this.parse(Inspect);
		await withEngine(async ({containers, audit}) => {
			const container = await containers.inspect(args.container);
			const entries = await audit.recent(ALL);
			const refused = entries.filter(({subject, allowed}) => subject === `container:${container.id}` && !allowed);
			printJson({...container, refusals: refused.map(({time, action, object, reason}) => ({time, action, object, reason}))});
		});
	}
}
