CREATE TABLE `plans` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`cents_per_month` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `teams` ADD `plan` text REFERENCES plans(id);--> statement-breakpoint
INSERT INTO `plans` (`id`, `title`, `cents_per_month`) VALUES
	('free', 'Free', 0),
	('solo', 'Solo', 900),
	('team', 'Team', 2900),
	('firm', 'Firm', 9900),
	('house', 'In-house', 24900);

