CREATE TABLE `order_drafts` (
	`id` integer PRIMARY KEY NOT NULL,
	`order_id` integer,
	`user_id` integer NOT NULL,
	`body` text NOT NULL,
	`saved_at` text NOT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
