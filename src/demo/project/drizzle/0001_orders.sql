CREATE TABLE `orders` (
	`id` integer PRIMARY KEY NOT NULL,
	`team_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`reference` text NOT NULL,
	`status` text DEFAULT 'open' NOT NULL,
	`currency` text DEFAULT 'EUR',
	`net_cents` integer NOT NULL,
	`tax_cents` integer NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`team_id`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `orders_team_idx` ON `orders` (`team_id`);