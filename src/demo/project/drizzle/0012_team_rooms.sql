CREATE TABLE `team_rooms` (
	`id` integer PRIMARY KEY NOT NULL,
	`team_id` integer NOT NULL,
	`title` text NOT NULL,
	`seats` integer DEFAULT 4 NOT NULL,
	FOREIGN KEY (`team_id`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `team_rooms_title_idx` ON `team_rooms` (`team_id`,`title`);