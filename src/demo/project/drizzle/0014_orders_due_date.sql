PRAGMA foreign_keys=OFF;
--> statement-breakpoint
CREATE TABLE `__new_orders` (
	`id` integer PRIMARY KEY NOT NULL,
	`team_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`reference` text NOT NULL,
	`status` text DEFAULT 'open' NOT NULL,
	`currency` text DEFAULT 'EUR' NOT NULL,
	`net_cents` integer NOT NULL,
	`tax_cents` integer NOT NULL,
	`items` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL,
	`paid_at` text,
	`due_date` text,
	FOREIGN KEY (`team_id`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_orders` (`id`, `team_id`, `user_id`, `reference`, `status`, `currency`, `net_cents`, `tax_cents`, `items`, `created_at`, `paid_at`)
	SELECT `id`, `team_id`, `user_id`, `reference`, `status`, `currency`, `net_cents`, `tax_cents`, `items`, `created_at`, `paid_at` FROM `orders`;
--> statement-breakpoint
DROP TABLE `orders`;
--> statement-breakpoint
ALTER TABLE `__new_orders` RENAME TO `orders`;
--> statement-breakpoint
PRAGMA foreign_keys=ON;
--> statement-breakpoint
UPDATE `orders` SET `due_date` = date(`created_at`, '+30 days');
--> statement-breakpoint
CREATE INDEX `orders_due_idx` ON `orders` (`due_date`);
--> statement-breakpoint
DELETE FROM `order_drafts` WHERE `order_id` IS NULL;
--> statement-breakpoint
CREATE TABLE `order_terms` (
	`days` integer PRIMARY KEY NOT NULL,
	`title` text NOT NULL
);
--> statement-breakpoint
INSERT INTO `order_terms` (`days`, `title`) VALUES
	(0, 'on receipt'),
	(7, 'one week'),
	(14, 'two weeks'),
	(30, 'thirty days'),
	(60, 'sixty days'),
	(90, 'ninety days');
--> statement-breakpoint
CREATE INDEX `orders_team_idx` ON `orders` (`team_id`);
