const all = ['inline', 'thread', 'process', 'sandbox'] as const;

/** How this plugin is configured. */
export const config = {
	type: 'object',
	properties: {
		isolations: {
			type: 'array',
			items: {enum: all},
			default: all,
			description: 'the isolations that containers may have here; all that the machine has where it says nothing',
		},
		clock: {
			enum: ['fine', 'coarse'],
			default: 'fine',
			description: 'what the clocks of guests tell apart: a microsecond, or, where they are coarse, a millisecond',
		},
	},
	required: ['isolations', 'clock'],
} as const;
